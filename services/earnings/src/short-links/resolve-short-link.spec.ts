import { describe, expect, it } from '@jest/globals';
import type { Answer } from './pinned-request.js';
import { resolveShortLink, type ResolveOptions } from './resolve-short-link.js';

const PUBLIC = ['93.184.216.34'];
const to = (location: string, status = 302): Answer => ({ status, location });
const status = (status: number): Answer => ({ status, location: undefined });

/** A network of scripted pages; whatever else is asked for is a failure of the test. */
function network(pages: Record<string, Answer>, addresses: Record<string, string[]> = {}) {
  const asked: string[] = [];
  const pinned: (readonly string[])[] = [];
  const resolved: string[] = [];
  const as: string[] = [];
  const options: ResolveOptions = {
    lookup: async (host) => {
      resolved.push(host);
      return addresses[host] ?? PUBLIC;
    },
    request: async (url, addresses, _signal, visitor = 'resolver') => {
      asked.push(url.href);
      as.push(visitor);
      pinned.push(addresses);
      const page = pages[url.href];
      if (!page) throw new Error(`The test has no page ${url.href}.`);
      return page;
    },
  };
  return { options, asked, pinned, resolved, as };
}

const VIDEO = 'https://www.tiktok.com/@user/video/7301234567890123456?_t=8k&_r=1';
const SHORT = 'https://vm.tiktok.com/ZMabc1234';

describe('a link that is no short link', () => {
  it.each([
    ['a clip', VIDEO, { kind: 'clip', clipId: 'tiktok-7301234567890123456' }],
    ['no clip', 'https://evil.example/', { kind: 'refused', reason: 'unknown_host' }],
  ])('%s is answered without asking anybody', async (_, link, expected) => {
    const net = network({});
    expect(await resolveShortLink(link, net.options)).toMatchObject(expected);
    expect([net.resolved, net.asked]).toEqual([[], []]);
  });
});

describe('a short link that leads to a clip', () => {
  it.each([
    ['TikTok', 'https://vm.tiktok.com/ZMabc1234/?k=1', { [SHORT]: to(VIDEO, 301) }, 'tiktok-7301234567890123456'],
    ['TikTok without a user', SHORT, { [SHORT]: to('https://m.tiktok.com/v/7301234567890123456.html?u_code=1') }, 'tiktok-7301234567890123456'],
    ['its own longer form', SHORT, { [SHORT]: to('/ZMabc1234/', 301), [`${SHORT}/`]: to(VIDEO) }, 'tiktok-7301234567890123456'],
    ['another short link', SHORT, { [SHORT]: to('https://www.tiktok.com/t/ZTabc/'), 'https://www.tiktok.com/t/ZTabc/': to(VIDEO) }, 'tiktok-7301234567890123456'],
    ['Instagram', 'instagram.com/share/reel/BAabc_1', { 'https://www.instagram.com/share/reel/BAabc_1': to('https://www.instagram.com/reel/C8aBcDeFgHi/?igsh=x') }, 'instagram-C8aBcDeFgHi'],
    ['Facebook', 'https://www.facebook.com/share/r/1AbC/', { 'https://www.facebook.com/share/r/1AbC': to('https://www.facebook.com/reel/1234567890123456/?rdid=x&share_url=https%3A%2F%2Fwww.facebook.com%2Fshare%2Fr%2F1AbC%2F', 307) }, 'facebook-1234567890123456'],
    ['fb.watch', 'https://fb.watch/aBcD_1/', { 'https://fb.watch/aBcD_1': to('https://www.facebook.com/watch/?v=1234567890123456') }, 'facebook-1234567890123456'],
    ['t.co', 'https://t.co/AbCdEf', { 'https://t.co/AbCdEf': to('https://twitter.com/name/status/1790000000000000001/video/1', 308) }, 'x-1790000000000000001'],
    ['t.co, to another platform, over http', 'https://t.co/AbCdEf', { 'https://t.co/AbCdEf': to('http://youtu.be/dQw4w9WgXcQ') }, 'youtube-dQw4w9WgXcQ'],
    ['a page on the way, never over http', SHORT, { [SHORT]: to('http://www.tiktok.com/hop?x=1'), 'https://www.tiktok.com/hop?x=1': to(VIDEO) }, 'tiktok-7301234567890123456'],
  ] satisfies [string, string, Record<string, Answer>, string][])('%s', async (_, link, pages, clipId) => {
    const net = network(pages);
    expect(await resolveShortLink(link, net.options)).toMatchObject({ kind: 'clip', clipId });
    expect(net.asked).toEqual(Object.keys(pages));
  }); // prettier-ignore

  it('is followed over five hops, each resolved up once and asked at the address that was checked', async () => {
    const hop = (n: number) => `https://www.tiktok.com/hop${n}`;
    const net = network(
      {
        [SHORT]: to(hop(1)),
        [hop(1)]: to(hop(2)),
        [hop(2)]: to(hop(3)),
        [hop(3)]: to(hop(4)),
        [hop(4)]: to(VIDEO),
      },
      { 'www.tiktok.com': ['93.184.216.35', '2606:4700::1'] },
    );
    expect(await resolveShortLink(SHORT, net.options)).toMatchObject({
      kind: 'clip',
      clipId: 'tiktok-7301234567890123456',
    });
    expect(net.resolved).toEqual([
      'vm.tiktok.com',
      ...Array.from({ length: 4 }, () => 'www.tiktok.com'),
    ]);
    expect(net.pinned).toEqual([
      PUBLIC,
      ...Array.from({ length: 4 }, () => ['93.184.216.35', '2606:4700::1']),
    ]);
  });
});

describe('a short link that cannot be resolved', () => {
  it.each([
    [
      'leads to another site',
      to('https://evil.example/@user/video/7301234567890123456'),
      'elsewhere',
      false,
    ],
    [
      'leads to a look-alike',
      to('https://www.tiktok.com.evil.example/@user/video/7301234567890123456'),
      'elsewhere',
      false,
    ],
    [
      'leads to a site that a backslash hides',
      to('https://evil.example\\@www.tiktok.com/@user/video/7301234567890123456'),
      'elsewhere',
      false,
    ],
    [
      'leads to a bare address',
      to('https://169.254.169.254/latest/meta-data/'),
      'elsewhere',
      false,
    ],
    [
      'leads to a port',
      to('https://www.tiktok.com:8443/@user/video/7301234567890123456'),
      'elsewhere',
      false,
    ],
    ['leads past a user name', to('https://www.tiktok.com@evil.example/'), 'elsewhere', false],
    ['leads into an app', to('snssdk1233://aweme/detail/7301234567890123456'), 'elsewhere', false],
    ['leads to a script', to('javascript:alert(1)'), 'elsewhere', false],
    [
      'leads to a broken id',
      to('https://www.tiktok.com/@user/video/undefined'),
      'elsewhere',
      false,
    ],
    ['leads to what is no address', to('https://'), 'no_clip', true],
    ['is a page', status(200), 'no_clip', true],
    ['redirects nowhere', status(302), 'no_clip', true],
    ['is moved to nowhere', status(301), 'no_clip', true],
    ['is refused', status(403), 'no_clip', true],
    ['is not found', status(404), 'gone', false],
    ['was removed', status(410), 'gone', false],
    ['is asked for too often', status(429), 'busy', true],
    ['fails', status(503), 'busy', true],
  ])('%s', async (_, answer, reason, retryable) => {
    const net = network({ [SHORT]: answer });
    const result = await resolveShortLink(SHORT, net.options);
    expect(result).toMatchObject({
      kind: 'unresolved',
      reason,
      retryable,
      message: expect.stringMatching(/^[A-Z].+\. Open it.+\.$/u),
    });
    // What answers a program with a page is asked as a browser would.
    expect(net.asked).toEqual(reason === 'no_clip' ? [SHORT, SHORT] : [SHORT]);
    expect(net.as).toEqual(reason === 'no_clip' ? ['resolver', 'browser'] : ['resolver']);
  });

  it.each([
    ['a shape that is not known', 'https://www.tiktok.com/@user/video/next/7', true],
    ['another site', 'https://shop.example/7', true],
    ['an app', 'snssdk1233://aweme/detail/7301234567890123456', true],
  ])('B2: waits for a person if it leads to %s, and says where', async (_, address, forPerson) => {
    const net = network({ [SHORT]: to(address) });
    const found = await resolveShortLink(SHORT, net.options);
    const leadsTo = address.startsWith('https:') ? address : null;
    expect(found).toMatchObject({ reason: 'elsewhere', retryable: false, forPerson, leadsTo });
    expect(net.asked).toEqual([SHORT]);
  });

  it('B2: is resolved if only a browser is redirected', async () => {
    const net = network({ [SHORT]: status(200) });
    const { request } = net.options;
    net.options.request = async (url, addresses, signal, as) => {
      const answer = await request!(url, addresses, signal, as);
      return as === 'browser' ? to(VIDEO) : answer;
    };
    expect(await resolveShortLink(SHORT, net.options)).toMatchObject({
      kind: 'clip',
      clipId: 'tiktok-7301234567890123456',
    });
    expect(net.pinned).toEqual([PUBLIC, PUBLIC]);
  });

  it('B2: says the page that it came to', async () => {
    const page = 'https://www.tiktok.com/captcha?x=1';
    const net = network({ [SHORT]: to(page), [page]: status(200) });
    expect(await resolveShortLink(SHORT, net.options)).toMatchObject({
      reason: 'no_clip',
      retryable: true,
      leadsTo: page,
    });
  });

  it.each([
    ['the clip: it is that clip, and the page is not asked', '%2Freel%2FC8aBcDeFgHi%2F', 'clip', 1],
    ['somewhere else: it waits', '%2Fsome.user%2F', 'unresolved', 3],
    ['the short link: it waits', '%2Fshare%2Freel%2FBAabc_1', 'unresolved', 3],
  ])('asks for a log-in, to return to %s', async (_, next, kind, requests) => {
    const login = `https://www.instagram.com/accounts/login/?next=${next}`;
    const share = 'https://www.instagram.com/share/reel/BAabc_1';
    const net = network({ [share]: to(login), [login]: status(200) });
    expect((await resolveShortLink(share, net.options)).kind).toBe(kind);
    expect(net.asked).toHaveLength(requests);
  });

  it('never ends: five requests and no more', async () => {
    const net = network({ [SHORT]: to(SHORT) });
    expect(await resolveShortLink(SHORT, net.options)).toMatchObject({
      kind: 'unresolved',
      reason: 'too_many_hops',
      retryable: false,
    });
    expect(net.asked).toHaveLength(5);
  });

  it.each([
    ['at first', { 'vm.tiktok.com': ['127.0.0.1'] }, []],
    ['among public ones', { 'vm.tiktok.com': ['93.184.216.34', '10.0.0.1'] }, []],
    ['as IPv6', { 'vm.tiktok.com': ['fd00:ec2::254'] }, []],
    ['nowhere at all', { 'vm.tiktok.com': [] }, []],
    ['at a later hop', { 'www.tiktok.com': ['169.254.169.254'] }, [SHORT]],
  ])('has a private address %s, which is never asked', async (_, addresses, asked) => {
    const net = network(
      { [SHORT]: to('https://www.tiktok.com/hop') },
      addresses as Record<string, string[]>,
    );
    expect(await resolveShortLink(SHORT, net.options)).toMatchObject({
      kind: 'unresolved',
      reason: 'private_address',
      retryable: false,
    });
    expect(net.asked).toEqual(asked);
  });

  it.each([['ENOTFOUND'], ['ECONNRESET'], ['CERT_HAS_EXPIRED'], ['HPE_HEADER_OVERFLOW']])(
    'fails in the network: %s',
    async (code) => {
      const fails = () => Promise.reject(Object.assign(new Error('no'), { code }));
      const net = network({});
      for (const broken of [{ lookup: fails }, { request: fails }]) {
        const result = await resolveShortLink(SHORT, { ...net.options, ...broken });
        expect(result).toMatchObject({
          kind: 'unresolved',
          reason: 'unreachable',
          retryable: true,
          message: expect.stringContaining(code),
        });
      }
    },
  );

  it('takes too long to look up or to answer', async () => {
    const net = network({ [SHORT]: to(VIDEO) });
    const never = () => new Promise<never>(() => {});
    for (const slow of [{ lookup: never }, { request: never }]) {
      expect(
        await resolveShortLink(SHORT, { ...net.options, ...slow, timeoutMs: 20 }),
      ).toMatchObject({
        kind: 'unresolved',
        reason: 'timeout',
        retryable: true,
      });
    }
  });
});

describe('a call that fails', () => {
  it('does not hide a defect behind "unreachable"', async () => {
    const net = network({});
    await expect(resolveShortLink(SHORT, net.options)).rejects.toThrow('The test has no page');
  });

  it('rejects with the reason of the caller who gave up, before and during', async () => {
    const net = network({});
    const before = new AbortController();
    before.abort(new Error('shutting down'));
    await expect(
      resolveShortLink(SHORT, { ...net.options, signal: before.signal }),
    ).rejects.toThrow('shutting down');
    expect(net.resolved).toEqual([]);

    const during = new AbortController();
    const request = () => {
      during.abort(new Error('shutting down'));
      return new Promise<never>(() => {});
    };
    await expect(
      resolveShortLink(SHORT, { ...net.options, request, signal: during.signal }),
    ).rejects.toThrow('shutting down');
  });
});
