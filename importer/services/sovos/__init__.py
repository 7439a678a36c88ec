"""Operations of the Sovos Mexico stamping balance, each a function named like the contract's operationId."""
