"""Operations of SunPlusXtra, each a function named like the contract's operationId."""
