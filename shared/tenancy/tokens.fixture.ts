import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';

/** Somebody who issues tokens. */
export interface TestIssuer {
  readonly publicJwk: JWK;
  /** A token; `claims` and `header` replace what is usual, an undefined claim leaves it out. */
  token(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

/** The moment at which tokens are made and looked at. */
export const NOW = new Date('2026-01-01T12:00:00Z');
export const ISSUER = 'https://login.acme.example';
export const AUDIENCE = 'turnstream';
const seconds = Math.floor(NOW.getTime() / 1_000);

/** An issuer with a new key. */
export async function testIssuer(kid = 'key-1'): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256' };
  return {
    publicJwk,
    token: (claims = {}, header = {}) =>
      new SignJWT({ ...usualClaims(), ...claims })
        .setProtectedHeader({ alg: 'ES256', kid, ...header })
        .sign(privateKey),
  };
}

/** What a good token says. */
export const usualClaims = () => ({
  iss: ISSUER,
  aud: AUDIENCE,
  tenant: 'acme',
  sub: 'user-7',
  iat: seconds,
  exp: seconds + 300,
});
