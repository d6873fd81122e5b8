import { defineQuery, defineSignal } from '@temporalio/workflow';
import { queries, signals, type TimelineEntry } from '@samband/contract';

export const dirtySignal = defineSignal(signals.dirty);
export const lookSignal = defineSignal(signals.look);
export const supersedeSignal = defineSignal(signals.supersede);
export const timelineQuery = defineQuery<readonly TimelineEntry[]>(queries.timeline);
