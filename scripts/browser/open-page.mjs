// One page in the browser: what it logs, what it asks the network for, what axe says of it, how it looks.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tallest = 16_000;

/**
 * Opens a file in a tab of its own.
 *
 * @returns `faults`, filled as they happen (console, exceptions, requests), and what can be done with the page
 */
export async function openPage(browser, file, { width, height = 900, scheme = 'light', media = 'screen' }) {
  const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);
  const url = pathToFileURL(file).href;
  const faults = [];
  const loaded = Promise.withResolvers();
  const listener = (message) => {
    if (message.sessionId !== sessionId) return;
    if (message.method === 'Page.loadEventFired') loaded.resolve();
    const fault = faultOf(message, url);
    if (fault !== undefined) faults.push(fault);
  };
  browser.on(listener);
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await send(`${domain}.enable`);
  await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  await send('Emulation.setEmulatedMedia', {
    media,
    features: [{ name: 'prefers-color-scheme', value: scheme }],
  });
  await send('Page.navigate', { url });
  await loaded.promise;
  const evaluate = (expression) => evaluateIn(send, expression);
  return {
    faults,
    evaluate,
    audit: () => auditWith(evaluate),
    overflow: () => evaluate('document.scrollingElement.scrollWidth - innerWidth'),
    shoot: (most = tallest) => shootWith(send, evaluate, width, most),
    close: async () => {
      browser.off(listener);
      await browser.send('Target.closeTarget', { targetId });
    },
  };
}

/** The document itself is the one thing that may be fetched. */
function faultOf({ method, params }, url) {
  switch (method) {
    case 'Runtime.exceptionThrown':
      return `exception: ${params.exceptionDetails.text}`;
    case 'Runtime.consoleAPICalled':
      return `console.${params.type}`;
    case 'Log.entryAdded':
      return `${params.entry.source} ${params.entry.level}: ${params.entry.text}`;
    case 'Network.requestWillBeSent':
      return params.request.url === url ? undefined : `request: ${params.request.url.slice(0, 200)}`;
    default:
      return undefined;
  }
}

async function evaluateIn(send, expression) {
  const { result, exceptionDetails } = await send('Runtime.evaluate', {
    expression,
    awaitPromise: true,
    returnByValue: true,
  });
  if (exceptionDetails === undefined) return result.value;
  throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
}

/** Folded parts are opened first: axe does not look at what is hidden. */
async function auditWith(evaluate) {
  await evaluate('document.querySelectorAll("details").forEach((one) => { one.open = true; })');
  await evaluate(`${axe}; undefined`);
  return await evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.map(({ id, help, nodes }) => ({ id, help, at: nodes.slice(0, 3).map(({ target }) => target.join(' ')) })))`);
}

async function shootWith(send, evaluate, width, most) {
  const whole = await evaluate('Math.ceil(document.documentElement.getBoundingClientRect().height)');
  const clip = { x: 0, y: 0, width, height: Math.min(whole, most), scale: 1 };
  const { data } = await send('Page.captureScreenshot', { format: 'png', clip, captureBeyondViewport: true });
  return Buffer.from(data, 'base64');
}
