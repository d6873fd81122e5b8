import type { BrokerSpec } from '@samband/topology';
import { brokerFileNames, type BrokerLayout } from '../layout.js';
import { renderBrokerXml } from './broker-xml.js';
import { renderLogging } from './logging.js';
import { renderLoginConfig } from './login-config.js';

/**
 * The files that a broker starts with, by name relative to `layout.instanceDir`. Pure: an unchanged result
 * means that no restart is needed. User, role and PEM files are not among them: those change live.
 */
export function renderEtc(spec: BrokerSpec, layout: BrokerLayout): Record<string, string> {
  return {
    [brokerFileNames.brokerXml]: renderBrokerXml(spec, layout),
    [brokerFileNames.loginConfig]: renderLoginConfig(spec, layout),
    [brokerFileNames.logging]: renderLogging(),
  };
}
