import { Command, CommanderError, type OutputConfiguration } from 'commander';
import { explain } from '@cliptally/telemetry';
import { readFileSync } from 'node:fs';
import { accountCommand } from './account.js';
import { brandCommand } from './brand.js';
import { campaignCommand } from './campaign.js';
import { catalogueCommand } from './catalogue.js';
import { clipCommand } from './clip.js';
import { callerOf, madeToken, type Environment } from './connection.js';
import { apiOf, whole, type Context } from './context.js';
import { creatorCommand } from './creator.js';
import { failedCommand } from './failed.js';
import { CliFailure, EXIT, type ExitStatus } from './failure.js';
import { importCommand } from './import/command.js';
import { balanceCommand, payoutCommand, statementCommand } from './money.js';
import { scrapeBudgetCommand } from './scrape-budget.js';
import { taxCommand } from './tax.js';
import { webhookCommand } from './webhook.js';

export interface Surroundings {
  env: Environment;
  out: (text: string) => void;
  err: (text: string) => void;
  /** Whether a person watches `err`. */
  live: boolean;
  /** All of what is piped into the process. */
  input?: () => Buffer;
  signal: AbortSignal;
}

const STATUSES = `
Exit status: ${EXIT.done} done; ${EXIT.refused} refused by the rules, not found, or some rows of a file refused; ${EXIT.usage} the command line or a
file cannot be used; ${EXIT.access} no token or not allowed; ${EXIT.unavailable} the API or a database cannot be reached or fails.`;

/** Runs one command line; gives its exit status. Never throws for what a person can mend. */
export async function runCli(
  args: readonly string[],
  { env, out, err, live, input = () => readFileSync(0), signal }: Surroundings,
): Promise<number> {
  let status: ExitStatus = EXIT.done;
  const output = { out: (text: string) => out(`${text}\n`), note: err, json: false, live };
  const context: Context = {
    env,
    output: { ...output, note: (text) => err(`${text}\n`) },
    api: (command) => apiOf(command, env),
    exit: (other) => (status = other),
    input,
    signal,
  };
  const program = programOf(context, {
    writeOut: out,
    writeErr: err,
    outputError: (text, write) =>
      write(
        text
          .replace(/^error: (.)/, (_, first: string) => first.toUpperCase())
          .replace(
            /^Too many arguments for '(.+?)'\. Expected .+?: (.+)\.$/m,
            `"$2" is one word too many for $1: see $1 --help.`,
          ),
      ),
  });
  program.hook(
    'preAction',
    (_, command) =>
      void (context.output.json = command.optsWithGlobals<{ json?: boolean }>().json === true),
  );
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    // Commander has said what was wrong with the words; help and version are no faults.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (signal.aborted) return 130;
    err(`${explain(error)}\n`);
    return error instanceof CliFailure ? error.status : EXIT.unavailable;
  }
}

function programOf(context: Context, output: OutputConfiguration): Command {
  const program = new Command('npm run cliptally --')
    .usage('<command>')
    .description(
      'Campaigns, clips, earnings and payouts, through the HTTP API.\nBeside a running npm start it needs no settings: it talks to that, as an admin.',
    )
    .option(
      '--api <url>',
      'address of the API (else CLIPTALLY_API, else that of the running npm start)',
    )
    .option(
      '--token <token>',
      'bearer token (else CLIPTALLY_TOKEN, else one is made if there is a secret for development)',
    )
    .option(
      '--as <caller>',
      'for development: act as a role, or as somebody, for example creator:ann',
    )
    .option('--json', 'JSON for programs instead of tables; amounts are minor units')
    .addHelpText('after', STATUSES)
    .configureOutput(output)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .helpCommand(true);
  const commands = [
    campaignCommand(context),
    brandCommand(context),
    clipCommand(context),
    payoutCommand(context),
    balanceCommand(context),
    statementCommand(context),
    failedCommand(context),
    scrapeBudgetCommand(context),
    taxCommand(context),
    accountCommand(context),
    creatorCommand(context),
    catalogueCommand(context),
    webhookCommand(context),
    importCommand(context),
    tokenCommand(context),
  ];
  for (const command of commands) program.addCommand(inherit(command, program));
  return program;
}

/**
 * Settings go from a command to those that it makes, and to no others: those that were made apart
 * get them here.
 */
function inherit(command: Command, from: Command): Command {
  command.copyInheritedSettings(from);
  for (const below of command.commands) inherit(below, command);
  return command;
}

function tokenCommand({ env, output }: Context): Command {
  return new Command('token')
    .description(
      'make a token for development, with JWT_SECRET or the secret of npm start in this folder',
    )
    .argument('[role]', 'admin, brand or creator', 'admin')
    .option('--subject <id>', 'whose: the id of the brand or creator')
    .option('--days <n>', 'how long it is good', whole, 3650)
    .action(async (role: string, { subject, days }) => {
      const caller = callerOf(subject === undefined ? role : `${role}:${subject}`);
      const token = madeToken(caller, env, days);
      output.out(output.json ? JSON.stringify({ token, ...caller }, null, 2) : token);
    });
}
