/** Headers of everything that is not a page: nothing of it is to be kept, framed or guessed at. */
export const SECURITY = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
} as const;
