import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startCliWorld } from './testing/cli-world.js';

describe('accounts, the catalogue and close-outs on the command line', () => {
  let cli: Awaited<ReturnType<typeof startCliWorld>>;
  beforeAll(async () => {
    cli = await startCliWorld();
  });
  afterAll(() => cli.close());

  it('an account is claimed, confirmed, taken over and released', async () => {
    const made = await cli.run('account claim ann @ann.clips --platform tiktok');
    expect(made).toMatchObject({ status: 0, err: '' });
    expect(made.out).toMatch(/^code +cliptally-[0-9a-f]{10}$/m);
    const [{ accountId }] = await cli.json('account list --creator ann');
    expect((await cli.run(`account verify ${accountId}`)).err).toContain(
      'submit one of @ann.clips',
    );
    expect((await cli.run(`account confirm ${accountId}`)).out).toMatch(/^status +VERIFIED$/m);
    const { accountId: other } = await cli.json('account claim bob ann.clips --platform tiktok');
    expect((await cli.run('account list --status CLAIMED')).out).toContain(
      'another creator has it',
    );
    expect(await cli.run(`account confirm ${other}`)).toMatchObject({ status: 1 });
    expect((await cli.run(`account confirm ${other} --take-over`)).out).toMatch(
      /^status +VERIFIED$/m,
    );
    expect((await cli.run(`account release ${other} --reason sold`)).out).toContain('sold');
    expect((await cli.run('catalogue list')).out).toBe('No campaigns.\n');
  });

  it('an endpoint of webhooks is changed and deleted', async () => {
    const { endpointId } = await cli.json('webhook add https://hooks.example/');
    const changed = await cli.run(`webhook change ${endpointId} --types clip.held`);
    expect(changed.out).toMatch(/^types +clip\.held$/m);
    expect((await cli.run(`webhook delete ${endpointId}`)).out).toBe(`${endpointId} is deleted.\n`);
    expect((await cli.run('webhook list')).out).toBe('No endpoints.\n');
  });
});
