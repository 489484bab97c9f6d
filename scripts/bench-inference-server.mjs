// The scripted server in a process of its own, so that what the clients use is theirs alone.
// argv[2]: JSON of { slots, cacheTokens, msPerPromptToken, msPerAnswerToken, answers } or of { modelPath, sequences }.
const settings = JSON.parse(process.argv[2] ?? '{}');

/** Refusals are short, compliance is long; drawn by the trial's own seed, so every client gets the same. */
function answerWords({ seed }) {
  const uniform = ((Math.imul(seed, 0x9e3779b1) >>> 0) % 1000) / 1000;
  return uniform < 0.4 ? 16 + Math.floor(uniform * 60) : 40 + Math.floor(uniform * 216);
}

async function scripted() {
  const { startScriptedServer } = await import('../src/simulate/scripted-server.ts');
  const { answers, ...engine } = settings;
  const server = await startScriptedServer({
    models: [{ id: 'strict', rule: () => 0.03, maxModelLen: 1_000_000 }],
    engine,
    recordsRequests: false,
    ...(answers === 'long' ? { answerWords } : {}),
  });
  return { baseUrl: server.baseUrl, stats: () => server.engineStats() };
}

/** Real llama.cpp in process. What it computed is told by the answers' usage, which the clients add up. */
async function embedded() {
  const { startEmbeddedServer } = await import('../src/simulate/embedded-server.ts');
  const server = await startEmbeddedServer({ ...settings, models: [{ id: 'strict' }] });
  return { baseUrl: server.baseUrl, stats: () => ({}) };
}

const server = settings.modelPath === undefined ? await scripted() : await embedded();
process.on('message', () => process.send?.({ stats: server.stats() }));
process.on('disconnect', () => process.exit());
process.send?.({ baseUrl: server.baseUrl });
