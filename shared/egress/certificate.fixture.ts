import { generateKeyPairSync, sign } from 'node:crypto';

/** A key and a certificate for it, PEM. */
export interface Certified {
  readonly key: string;
  readonly cert: string;
}

/**
 * Makes a certificate for a name, signed by itself. Built by hand so that no private key, and no program that makes
 * one, has to come with the tests.
 */
export function certificateFor(hostname: string): Certified {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = der(SEQUENCE, oid('2a8648ce3d040302'));
  const name = der(
    SEQUENCE,
    der(SET, der(SEQUENCE, oid('550403'), der(UTF8_STRING, Buffer.from(`test of ${hostname}`)))),
  );
  const time = (years: number) => {
    const at = new Date(Date.now() + years * 365 * 86_400_000).toISOString().replace(/[-:T]|\.\d+/gu, '');
    return der(UTC_TIME, Buffer.from(at.slice(2)));
  };
  const subjectAlternativeName = der(
    SEQUENCE,
    oid('551d11'),
    der(OCTET_STRING, der(SEQUENCE, der(DNS_NAME, Buffer.from(hostname)))),
  );
  const toBeSigned = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    der(SEQUENCE, time(-1), time(1)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(EXTENSIONS, der(SEQUENCE, subjectAlternativeName)),
  );
  const signature = der(BIT_STRING, Buffer.from([0]), sign('sha256', toBeSigned, privateKey));
  const certificate = der(SEQUENCE, toBeSigned, ecdsaWithSha256, signature).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{64}/gu, '$&\n')}\n-----END CERTIFICATE-----\n`,
  };
}

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const SEQUENCE = 0x30;
const SET = 0x31;
const DNS_NAME = 0x82;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;

const oid = (hex: string): Buffer => der(OBJECT_ID, Buffer.from(hex, 'hex'));

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
