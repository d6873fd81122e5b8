import { defineQuery, defineSignal } from '@temporalio/workflow';
import { queries, signals, type TimelineEntry } from '@samband/contract';

export const dirtySignal = defineSignal(signals.dirty);
export const supersedeSignal = defineSignal(signals.supersede);
export const timelineQuery = defineQuery<readonly TimelineEntry[]>(queries.timeline);
