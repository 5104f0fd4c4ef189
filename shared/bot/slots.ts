import type { SlotFilling, SlotRule } from './bot.ts';
import type { BotIssue } from './error.ts';
import { didYouMean } from './nearest.ts';
import { entityDetailsOf, entityNames, type DomainFile } from './schema.ts';
import type { SlotEntry } from './slot-schema.ts';
import type { Path, Source } from './source.ts';
import type { Parsed } from './strict.ts';

/** The intents that answer a question of yes or no, where the domain has them. */
const YES_AND_NO = { affirm: 'true', deny: 'false' } as const;

/** Reads what the bot can remember, and what fills it. A slot without a mapping is filled by what is nearest at hand. */
export function readSlots(domain: Parsed<DomainFile>): {
  readonly slots: readonly SlotRule[];
  readonly issues: readonly BotIssue[];
  readonly warnings: readonly BotIssue[];
} {
  const { source, content } = domain;
  const issues: BotIssue[] = [];
  const warnings: BotIssue[] = [];
  const slots = Object.entries(content.slots).map(([name, entry]): SlotRule => {
    const { type, values, initial_value: initial } = entry;
    const path = ['slots', name];
    if ((type === 'categorical') !== (values !== undefined && values.length > 0)) {
      issues.push(source.issue(path, 'a categorical slot, and no other, lists its values', { part: 'key' }));
    }
    if (type === 'list') warnings.push(source.issue([...path, 'type'], 'a list is kept as one text'));
    const limits = (['min_value', 'max_value'] as const).filter((it) => entry[it] !== undefined);
    for (const key of limits) {
      const hint = 'write rejections under validation, or where a flow collects the slot';
      warnings.push(source.issue([...path, key], `${key} is not checked`, { hint, part: 'key' }));
    }
    for (const [i, mapping] of entry.mappings.entries())
      warnings.push(...leftOut(source, [...path, 'mappings', i], mapping));
    const fill = entry.mappings.flatMap((_, i) => readMapping(domain, [...path, 'mappings', i], entry, i, issues));
    return {
      name,
      type: type === 'any' || type === 'list' ? 'text' : type,
      ...(values && { values: values.map(String) }),
      fill: [...fill, ...(entry.mappings.length === 0 ? fillingOf(name, entry, content) : yesAndNo(type, content))],
      ...(initial !== undefined && initial !== null && { initial: String(initial) }),
    };
  });
  return { slots, issues, warnings };
}

/** What a mapping says that is understood and not done. */
function leftOut(source: Source, path: Path, mapping: SlotEntry['mappings'][number]): readonly BotIssue[] {
  const { type, conditions = [], not_intent: except, intent } = mapping;
  const key = { part: 'key' } as const;
  // A text fills a slot only where that is asked for, anyway.
  const isTied = type !== 'from_text' && conditions.some(({ active_loop: loop }) => typeof loop === 'string');
  return [
    ...(isTied
      ? [source.issue([...path, 'conditions'], 'the slot is filled in every flow that collects it', key)]
      : []),
    ...(except === undefined ? [] : [source.issue([...path, 'not_intent'], 'not_intent is not run', key)]),
    ...(type === 'from_entity' && intent !== undefined
      ? [source.issue([...path, 'intent'], 'the entity fills the slot with any intent', key)]
      : []),
    ...(type === 'from_trigger_intent'
      ? [source.issue([...path, 'type'], 'from_trigger_intent fills the slot only while it is asked for')]
      : []),
    ...(type === 'custom'
      ? [
          source.issue([...path, 'type'], 'custom mappings are not run', {
            hint: 'let an action of a flow set the slot',
          }),
        ]
      : []),
  ];
}

function readMapping(
  { source, content }: Parsed<DomainFile>,
  path: Path,
  { mappings }: SlotEntry,
  index: number,
  issues: BotIssue[],
): readonly SlotFilling[] {
  const { type, entity = '', role, group, intent = '', value } = mappings[index] ?? { type: 'custom' as const };
  const intents = typeof intent === 'string' ? [intent] : intent;
  switch (type) {
    case 'from_entity': {
      const entities = entityNames(content);
      const known = entityDetailsOf(content, entities.indexOf(entity));
      if (!entities.includes(entity)) {
        issues.push(source.issue([...path, 'entity'], `unknown entity ${entity}`, didYouMean(entity, entities)));
      } else if (role !== undefined && !known.roles.includes(role)) {
        issues.push(
          source.issue([...path, 'role'], `unknown role ${role} of ${entity}`, didYouMean(role, known.roles)),
        );
      } else if (group !== undefined && !known.groups.includes(group)) {
        issues.push(source.issue([...path, 'group'], `unknown group ${group} of ${entity}`));
      }
      return [{ from: 'entity', entity, ...(role !== undefined && { role }), ...(group !== undefined && { group }) }];
    }
    case 'from_intent':
    case 'from_trigger_intent':
      for (const name of intents.filter((it) => !content.intents.includes(it))) {
        issues.push(source.issue([...path, 'intent'], `unknown intent ${name}`, didYouMean(name, content.intents)));
      }
      if (value === undefined) issues.push(source.issue(path, `a mapping ${type} has a value`));
      return value === null ? [] : intents.map((name) => ({ from: 'intent', intent: name, value: String(value) }));
    case 'from_text':
    case 'from_llm':
      return [{ from: 'text' }];
    case 'custom':
    case 'controlled':
      return [];
  }
}

function fillingOf(name: string, { type }: SlotEntry, content: DomainFile): readonly SlotFilling[] {
  if (entityNames(content).includes(name)) return [{ from: 'entity', entity: name }];
  return type === 'bool' ? yesAndNo(type, content) : [{ from: 'text' }];
}

const yesAndNo = (type: SlotEntry['type'], { intents }: DomainFile): readonly SlotFilling[] =>
  type === 'bool'
    ? Object.entries(YES_AND_NO).flatMap(([intent, value]) =>
        intents.includes(intent) ? [{ from: 'intent', intent, value }] : [],
      )
    : [];
