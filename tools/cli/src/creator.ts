import { ErasureReason } from '@cliptally/contracts';
import type { ErasureAnswer, PersonalDataAnswer } from '@cliptally/contracts/api';
import { Command, Option } from 'commander';
import { LIMIT, at, given, type Context } from './context.js';
import { minute, printList, printOne, type Column } from './output.js';

type DataEvent = PersonalDataAnswer['items'][number];

/** What a person may ask of who keeps its data. */
export function creatorCommand({ api, output }: Context): Command {
  const creator = new Command('creator').description('what is kept about a creator');
  creator
    .command('data <creator>')
    .description('every event about a creator, with its texts; --json has them whole')
    .option(...LIMIT)
    .action(async (id, { limit }, command) => {
      const found = await (await api(command)).list<DataEvent>(at`/creators/${id}/data`, {}, limit);
      printList(output, found, COLUMNS, `Nothing in the log is about ${id}.`);
    });
  creator
    .command('erase <creator>')
    .description('destroy the keys of what was said by and about a creator; it cannot be undone')
    .addOption(
      new Option('--reason <word>', 'why').choices(ErasureReason.options).makeOptionMandatory(),
    )
    .option('--forfeit', 'the creator gives up the money that it has')
    .option('--keep-tax-profile', 'the law asks for the tax profile: it stays, sealed')
    .action(async (id, options, command) =>
      printOne(
        output,
        await (await api(command)).post<ErasureAnswer>(at`/creators/${id}/erase`, given(options)),
        ({ creatorId, erasedAt }) =>
          erasedAt === null
            ? `${creatorId} is erased; the tables show it soon.`
            : `${creatorId} was erased on ${minute(erasedAt)}.`,
      ),
    );
  return creator;
}

const COLUMNS: readonly Column<DataEvent>[] = [
  ['POSITION', (event) => String(event.position)],
  ['TIME', (event) => minute(event.time)],
  ['TYPE', (event) => event.type],
  ['STREAM', (event) => event.stream],
];
