import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { searchAttributes } from '@samband/contract';

export const attributeKeys = {
  namespace: defineSearchAttributeKey(searchAttributes.namespace, SearchAttributeType.KEYWORD),
  source: defineSearchAttributeKey(searchAttributes.source, SearchAttributeType.KEYWORD),
  phase: defineSearchAttributeKey(searchAttributes.phase, SearchAttributeType.KEYWORD),
} as const;
