"""The stamping-balance service of Sovos Mexico: own paths, own key, ordinary statuses (NOTES section 16)."""
