import { describe, expect, it } from 'vitest';
import { targetOf, vettedAddresses, type Resolve } from './target.ts';

const nowhere: Resolve = () => Promise.reject(new Error('was asked'));
const answers =
  (...addresses: readonly string[]): Resolve =>
  () =>
    Promise.resolve(addresses);
const vet = (url: string, allowPrivate = false, resolve = nowhere) =>
  vettedAddresses(targetOf(url, allowPrivate), allowPrivate, resolve);

describe("a URL that a tenant's configuration names", () => {
  it.each([
    ['https://example.com/hook', 'example.com', 443],
    ['https://example.com:443/hook', 'example.com', 443],
    ['https://example.com:8443/hook?a=b', 'example.com', 8443],
    ['https://[2606:4700::1111]/', '2606:4700::1111', 443],
    ['https://EXAMPLE.com./', 'example.com.', 443],
  ])('may be %s', (url, hostname, port) => {
    expect(targetOf(url, false)).toMatchObject({ hostname, port });
  });

  it.each([
    ['example.com', 'is not a URL'],
    ['', 'is not a URL'],
    ['https://', 'is not a URL'],
    ['https://4294967296/', 'is not a URL'],
    ['https://[::1%25eth0]/', 'is not a URL'],
    ['http://example.com/', 'is not https'],
    ['ftp://example.com/', 'is not https'],
    ['file:///etc/passwd', 'is not https'],
    ['data:text/plain,x', 'is not https'],
    ['gopher://example.com:443/', 'is not https'],
    ['https://user@example.com/', 'names a user'],
    ['https://:secret@example.com/', 'names a user'],
    ['https://example.com@169.254.169.254/', 'names a user'],
    ['https://example.com:80/', 'has a port that is not allowed'],
    ['https://example.com:22/', 'has a port that is not allowed'],
    ['https://example.com:6379/', 'has a port that is not allowed'],
    ['https://example.com:0/', 'has a port that is not allowed'],
  ])('is refused: %s %s', (url, why) => {
    expect(() => targetOf(url, false)).toThrow(
      expect.objectContaining({ code: 'egress.refused', retry: 'never', message: `the endpoint ${why}` }),
    );
  });

  it('may be plain HTTP on any port where the network is the own one, and still no user or other scheme', () => {
    expect(targetOf('http://channel.internal:3000/', true)).toMatchObject({ hostname: 'channel.internal', port: 3000 });
    expect(targetOf('http://channel.internal/', true)).toMatchObject({ port: 80 });
    expect(() => targetOf('http://me@channel.internal/', true)).toThrow('names a user');
    expect(() => targetOf('ftp://channel.internal/', true)).toThrow('is not https');
    expect(() => targetOf('http://channel.internal:0/', true)).toThrow('port');
  });
});

describe('the addresses that are connected to', () => {
  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://017700000001/',
    'https://127.1/',
    'https://%31%32%37.0.0.1/',
    'https://127。0。0。1/',
    'https://①②⑦.0.0.1/',
    'https://[::1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://0/',
    'https://169.254.169.254/latest/meta-data/',
    'https://2852039166/',
  ])('are not those of %s, and nobody is asked for a name', async (url) => {
    await expect(vet(url)).rejects.toMatchObject({ code: 'egress.refused' });
  });

  it.each(['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '::ffff:10.0.0.1', 'fd00::1'])(
    'are not %s behind a name either',
    async (address) => {
      await expect(vet('https://example.com/', false, answers(address))).rejects.toMatchObject({
        code: 'egress.refused',
        retry: 'later',
      });
    },
  );

  it('leave out what is refused among others', async () => {
    const mixed = answers('10.0.0.1', '93.184.216.34', '::1', '2606:2800::1');
    expect(await vet('https://example.com/', false, mixed)).toEqual(['93.184.216.34', '2606:2800::1']);
  });

  it('may be missing', async () => {
    await expect(vet('https://example.com/', false, answers())).rejects.toMatchObject({ code: 'egress.unresolved' });
  });

  it('may be of the own network where that is allowed, but never link-local', async () => {
    expect(await vet('http://localhost/', true, answers('127.0.0.1'))).toEqual(['127.0.0.1']);
    await expect(vet('http://metadata/', true, answers('169.254.169.254'))).rejects.toMatchObject({
      message: 'the endpoint is at a refused address (link-local)',
    });
  });

  it('say why, without the URL', async () => {
    await expect(vet('https://10.0.0.7/secret-path')).rejects.toMatchObject({
      message: 'the endpoint is at a refused address (private use)',
    });
  });
});
