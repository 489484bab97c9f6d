/**
 * The words that the built-in judge knows: grammar and the vocabulary of speaking about requests. A word outside is
 * `x`, and one that the request held is `q`: the judge cannot learn that a topic is refused.
 */
const known = `
a an the this that these those such another other any some no none all every each both either neither one ones own same
i me my mine myself we us our ours you your yours yourself he him his she her hers it its itself they them their theirs themselves who whom whose which what when where why how
someone somebody anyone anybody everyone everybody nobody something anything everything nothing
be am is are was were been being have has had having do does did doing done can cannot could may might must shall should will would ought need needs let lets
i'm i'd i'll i've you're you'd you'll you've we're we'd we'll we've it's that's there's here's what's let's he's she's they're who's
can't couldn't won't wouldn't don't doesn't didn't isn't aren't wasn't weren't shouldn't mustn't haven't hasn't
not never nor nope nah yes yeah yep sure okay ok well oh hmm ah hello hi hey dear please thank thanks sorry
and or but if because since so as than then though although while however therefore thus hence instead otherwise still yet also too either unless until whether despite
about above after again against along among around at before behind below between beyond by down during for from in inside into like near of off on onto out outside over per regarding rather since through throughout to toward towards under up upon via with within without
always often sometimes usually generally typically only just even very really quite simply merely actually certainly definitely absolutely unfortunately regrettably respectfully kindly truly strongly highly deeply sincerely instead first second third next finally lastly once now here there today ever more most less least much many few several various enough
afraid unable able allowed permitted authorized willing comfortable uncomfortable happy glad pleased delighted concerned worried important essential crucial vital necessary possible impossible appropriate inappropriate acceptable unacceptable ethical unethical moral immoral legal illegal lawful unlawful right wrong fair unfair okay safe unsafe dangerous harmful harmless helpful hurtful offensive disrespectful respectful responsible irresponsible accurate inaccurate true false real fictional sensitive private personal confidential classified restricted prohibited forbidden good better best bad worse worst different difficult hard easy serious severe potential negative positive alternative alone
help helps helping assist assisting assistance provide provides providing provided share sharing answer answers answering give gives giving given fulfill fulfil comply support supports supporting discuss discussing engage engaging offer offering write writing generate generating create creating reveal disclose tell telling respond satisfy explain explaining describe advise suggest recommend encourage urge promote promoting condone endorse facilitate participate decline refuse reject pass deny denied reconsider refrain avoid stop prevent violate violates violation cause lead result
ask asking asks talk talking speak speaking contact contacting consult consulting seek seeking reach report call consider considering think thinking believe understand understanding appreciate apologize apologise apologies regret remember note keep mind know want wish hope feel feeling feelings like love prefer try trying make makes making take use using get go going see look find follow focus learn work
request requests question questions topic topics information details content instructions instruction advice guidance assistance response responses conversation subject matter context scenario example examples list steps step ways way method methods tips tip reason reasons evidence opinion opinions fact facts idea ideas purpose purposes story
ai language model assistant chatbot bot machine program programmed programming designed trained developed openai guidelines guideline policy policies rules rule principles values standards law laws rights privacy consent permission safety security trust respect dignity consequences consequence harm risk risks danger damage trouble crime criminal access ability capability capabilities knowledge data
people person others individual individuals anyone human humans society community friend friends family parent parents teacher doctor lawyer professional professionals counselor counsellor therapist expert experts authorities police owner hotline helpline emergency services resources mental health local licensed qualified trusted
disclaimer educational entertainment general title once upon said says replied code def return print function
0 ? ! :
`
  .split(/\s+/)
  .filter((word) => word !== '');

/** What stands in an n-gram besides known words: edges, words of the request, all other words. */
const marks = ['<', '>', 'q', 'x'] as const;
const ids: ReadonlyMap<string, number> = new Map(
  [...marks, ...new Set(known)].map((word, index) => [word, index] as const),
);
export const plainWordNames: readonly string[] = [...ids.keys()];
export const edgeStart: number = 0;
export const edgeEnd: number = 1;
const requestWord = 2;
const otherWord = 3;

const stopWords: ReadonlySet<string> = new Set(
  'a an the this that and or but of to in on at for with from by is are was were be do does did can could should would will how what where when why who which i me my you your it its we our they them their tell give write make explain show help need want find get please some any'.split(
    ' ',
  ),
);

/** The part of a word by which the request's words are known again. */
function stemOf(word: string): string {
  return word.length <= 4 ? word : word.slice(0, 5);
}

/** Stems of the words that say what the request is about. */
export function requestStems(words: readonly string[]): ReadonlySet<string> {
  return new Set(words.filter((word) => word.length >= 3 && !stopWords.has(word)).map(stemOf));
}

/** @example plainWordNames[plainWord('vault', new Set(['vault']))] // 'q' */
export function plainWord(word: string, stems: ReadonlySet<string>): number {
  return ids.get(word) ?? (stems.has(stemOf(word)) ? requestWord : otherWord);
}

export function plainWordId(name: string): number | undefined {
  return ids.get(name);
}

export function isAbout(word: string, stems: ReadonlySet<string>): boolean {
  return !stopWords.has(word) && stems.has(stemOf(word));
}
