/** Settings of an edge whose token buckets never run dry, for runs from one address or user. */
export const ROOMY_BUCKETS = {
  USER_BUCKET_TOKENS: "1000000",
  USER_BUCKET_REFILL_PER_S: "1000000",
  ADDRESS_BUCKET_TOKENS: "10000000",
  ADDRESS_BUCKET_REFILL_PER_S: "10000000",
  READ_BUCKET_TOKENS: "10000000",
  READ_BUCKET_REFILL_PER_S: "10000000",
};
