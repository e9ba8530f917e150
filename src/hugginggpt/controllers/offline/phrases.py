"""What people say, as tables: acts and the kinds they become, cues and the acts they ask for, nouns and what they point at.

Adding a way to say something is adding a row to `CUES`; adding a kind is adding a row to `ACTS` and its cues.
"""

# ruff: noqa: E501  (a cue is a row of a table; broken over lines it can no longer be compared with its neighbours)

import re
from dataclasses import dataclass

from hugginggpt.flow.artifact import Media
from hugginggpt.flow.kinds import Kind

ACTS: dict[str, dict[Media | None, str]] = {
    # act: the kind by the medium that it is done to; None: whatever it is, or if it is not known
    "read": {None: "image-to-text", "text": "text-to-speech", "audio": "automatic-speech-recognition", "video": "automatic-speech-recognition",
             "table": "table-to-text"},
    "read-text": {None: "image-to-text", "audio": "automatic-speech-recognition", "video": "automatic-speech-recognition",
                  "text": "summarization", "table": "table-to-text"},
    "transcribe": {None: "automatic-speech-recognition", "image": "image-to-text", "document": "image-to-text"},
    "describe": {None: "image-to-text", "audio": "audio-classification", "video": "video-text-to-text", "table": "table-to-text",
                 "text": "summarization", "document": "summarization"},
    "speak": {None: "text-to-speech"},
    "summarise": {None: "summarization"},
    "translate": {None: "translation"},
    "sentiment": {None: "text-classification"},
    "classify": {None: "text-classification", "image": "image-classification", "audio": "audio-classification",
                 "video": "video-classification", "table": "tabular-classification"},
    "sort": {None: "zero-shot-classification", "image": "zero-shot-image-classification", "audio": "zero-shot-audio-classification"},
    "ask": {None: "question-answering", "image": "visual-question-answering", "document": "document-question-answering",
            "table": "table-question-answering", "video": "video-text-to-text"},
    "look": {None: "visual-question-answering"},
    "ask-page": {None: "question-answering", "image": "document-question-answering", "document": "document-question-answering",
                 "table": "table-question-answering", "video": "video-text-to-text"},
    "write": {None: "text-generation"},
    "chat": {None: "conversational"},
    "names": {None: "token-classification"},
    "fill": {None: "fill-mask"},
    "vector": {None: "feature-extraction", "image": "image-feature-extraction"},
    "alike": {None: "sentence-similarity"},
    "rank": {None: "text-ranking"},
    "retrieve": {None: "text-retrieval", "image": "visual-document-retrieval", "document": "visual-document-retrieval"},
    "pick": {None: "multiple-choice"},
    "classify-table": {None: "tabular-classification"},
    "predict": {None: "tabular-regression"},
    "forecast": {None: "time-series-forecasting"},
    "tell-record": {None: "tabular-to-text"},
    "tell-table": {None: "table-to-text"},
    "classify-image": {None: "image-classification"},
    "detect": {None: "object-detection"},
    "detect-named": {None: "zero-shot-object-detection"},
    "segment": {None: "image-segmentation"},
    "mask": {None: "mask-generation"},
    "depth": {None: "depth-estimation"},
    "restyle": {None: "image-to-image", "video": "video-to-video"},
    "edit": {None: "image-text-to-image", "video": "video-to-video"},
    "keypoints": {None: "keypoint-detection"},
    "match": {None: "keypoint-matching"},
    "draw": {None: "text-to-image"},
    "draw-anything": {None: "unconditional-image-generation"},
    "film": {None: "text-to-video", "image": "image-text-to-video"},
    "animate": {None: "image-to-video"},
    "shape": {None: "text-to-3d", "image": "image-to-3d"},
    "classify-video": {None: "video-classification"},
    "restyle-video": {None: "video-to-video"},
    "compose": {None: "text-to-audio"},
    "clean-audio": {None: "audio-to-audio"},
    "classify-audio": {None: "audio-classification"},
    "voice-activity": {None: "voice-activity-detection"},
    "compose-about-image": {None: "image-text-to-text"},
    "about-sound": {None: "audio-text-to-text"},
    "anything": {None: "any-to-any"},
    **{name: {None: f"{name}-control"} for name in ("canny", "hed", "mlsd", "normal", "openpose", "scribble", "midas")},
    **{f"draw-{name}": {None: f"{name}-text-to-image"}
       for name in ("canny", "depth", "hed", "mlsd", "normal", "openpose", "scribble", "seg")},
}  # fmt: skip


def kind_of(act: str, medium: Media | None) -> Kind:
    """The kind that an act is, done to something of this medium."""
    row = ACTS[act]
    return Kind(row.get(medium, row[None]))


@dataclass(frozen=True, slots=True)
class Cue:
    """A way to ask for an act. Where cues overlap, the heavier one counts; then the longer."""

    act: str
    weight: int
    pattern: re.Pattern[str]
    media: frozenset[Media] = frozenset()
    """Counts only where something of one of these media is attached; always, if empty."""


def _cue(act: str, weight: int, pattern: str, media: str = "") -> Cue:
    pattern = pattern.replace(
        "{that}", r"(?:(?:this|that|the|these|those|my|our|a|an|any|all|all the|each|every|its|it)\s+)?(?:\w+\s+)?"
    )
    pattern = (
        pattern.replace("{few}", r"(?:[\w'-]+\s+){0,3}")
        .replace("{pic}", _PIC)
        .replace("{sound}", _SOUND)
        .replace("{doc}", _WRITTEN)
    )
    pattern = re.sub(r"⟦(?!\\d)", r"⟦\\d+⟧", pattern)
    return Cue(act, weight, re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), frozenset(media.split()))  # type: ignore[arg-type]


_PIC = r"(?:images?|pictures?|photos?|photographs?|pics?|screenshots?|snapshots?|drawings?|paintings?|selfies?|portraits?|scans?)"
_SOUND = r"(?:audio|sound|recordings?|clips?|memos?|speech|voice notes?|voice messages?|podcasts?|songs?|music|track)"
_WRITTEN = r"(?:texts?|words|writing|wording|letters|lettering|characters|inscription|print|handwriting|caption text)"
LANGUAGE = (
    r"(?:english|french|german|spanish|italian|portuguese|dutch|russian|chinese|mandarin|japanese|korean|arabic|hindi|turkish|polish|"
    r"swedish|norwegian|danish|finnish|greek|hebrew|czech|hungarian|romanian|ukrainian|vietnamese|thai|indonesian|latin|welsh|irish|"
    r"catalan|bengali|urdu|persian|farsi|swahili|croatian|serbian|bulgarian|slovak|icelandic|tamil|cantonese)"
)

_COUNT = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|(?:a |one )?hundred|\d+|a (?:few|couple of|single))"
_LIMIT = (
    r"(?:(?:a )?(?:just|only|about|around|roughly|at most|no more than|not more than|no longer than|under|fewer than|less than|below|exactly|"
    r"max(?:imum)?\.?(?: of)?|up to|within) )?"
)
_UNIT = (
    r"(?:short |simple |brief |long |key |main |bullet )*(?:sentences?|lines?|words?|paragraphs?|bullets?|points?|bullet[- ]points?|characters?)"
    r"(?: (?:or (?:less|fewer)|max(?:imum)?|at (?:the )?most|tops)(?!\w))?"
)
LENGTH = rf"{_LIMIT}{_COUNT} {_UNIT}"
"""How long something may be: "at most 40 words"."""

CUES: tuple[Cue, ...] = (
    # speaking; the cue is short, what is to be spoken is the rest of the clause
    _cue("speak", 6, r"read(?:ing)?(?=(?:(?!\b(?:say|tell|speak|announce|read|hear|translate|summari[sz]e)\b)(?:[^.?!;\n]|\.(?=\w))){0,160}\b(?:aloud|out loud|to me|to us|for me to hear|in a \w+ voice|to (?:my|the|him|her|them)\b))"),
    _cue("speak", 6, r"read (?:me|us|out)|read (?:it|this|that|them|these|everything|the \w+) out"),
    _cue("speak", 5, r"(?:say|speak|voice|narrate|recite|announce|pronounce)(?=[^.?!;\n]{0,160}\b(?:aloud|out loud|to me|out)\b)"),
    _cue("speak", 5, r"(?:speak|narrate|recite|vocali[sz]e|pronounce|announce|voice) (?:it|this|that|them|the|these|⟦|my|a|every|each)"),
    _cue("speak", 4, r"(?<!you )(?<!they )(?<!does it )(?<!it )say(?= (?:⟦|it\b|this\b|that\b(?! the)|the (?:result|answer|summary|text|words?|following|total|name|sentence|phrase|translation)|hello|good|hi\b|happy|welcome|thank|goodbye|congrat))"),
    _cue("speak", 4, r"(?:aloud|out loud|text[- ]to[- ]speech|tts|speech synthesis|voice[- ]?over|spoken(?: version)?|audiobook)"),
    _cue("speak", 4, r"(?:let|have) me (?:hear|listen to)|(?:i want|i'd like|i would like|want|like) to (?:hear|listen to)|(?:so )?(?:that )?i can (?:hear|listen)|hear it"),
    _cue("speak", 7, r"(?:convert|turn|transform|make|change|put|render)(?:ed|ing)? {few}{few}(?:in)?to (?:an? |some )?(?:natural |clear |spoken |human )*(?:speech|voice|spoken (?:words|audio|form)|audio|sound|mp3|wav|an audio file)"),
    _cue("speak", 5, r"(?:audio|spoken|voice|speech|audible) (?:version|form|format|rendition|recording|file|output) (?:of|from|for|based)"),
    _cue("speak", 5, r"(?:generate|create|make|produce|synthesi[sz]e|record|give me) {few}(?:speech|audio|voice|spoken audio|narration)(?: file| version| recording| clip)?(?= (?:of|from|for|that says|saying|out of|based|reading|with))"),
    _cue("speak", 5, r"as (?:an? )?(?:audio|speech|sound|voice)(?: file| clip| message| recording)?|in (?:an? )?(?:audio|speech|spoken)(?: format| form| file)?"),
    _cue("speak", 5, r"synthesi[sz]e(?: (?:the|this|a))? (?:speech|voice|text)|(?:speech|audio) synthesis"),
    _cue("speak", 6, r"tell me {that}{few}(?:aloud|out loud)|(?:answer|reply|respond|tell me) (?:by|with|in) (?:a )?(?:voice|speech|audio)"),
    # reading
    _cue("read-text", 5, r"what(?:'s| is| does| do|'re| are)?(?: all)? {few}{few}(?:say|says|saying|read|reads)(?! about)(?=\s*(?:here|there|on it|in it|please|exactly|in english|$|[.?!,;:]|\band\b|\bthen\b|\bin\b|\bat\b))", "image document audio video table"),
    _cue("read-text", 5, r"what (?:does|do) (?:this|it|that|the|these|my) ?[\w-]* ?[\w-]* ?say(?! about)"),
    _cue("read-text", 5, r"what(?:'s| is| was| has been) {few}{few}(?:written|printed|typed)(?: (?:on|in|here|there|down))?"),
    _cue("read-text", 5, r"(?:read|extract|recogni[sz]e|get|pull(?: out)?|copy(?: out)?|grab|find|give me|show me|obtain|type(?: out| up)?|digiti[sz]e|capture|scan|retrieve|take|write (?:down|out)|transcribe|list|lift|detect|output|print|spell out) (?:all |out |off |down )*(?:of )?(?:the |any |its |all the |this |every |whatever )?(?:whole |written |printed |visible |full |entire |handwritten |plain )*{doc}(?! (?:aloud|out loud|file|document to))", "image document"),
    _cue("read-text", 5, r"(?:extract|recogni[sz]e|pull out) (?:all |any )?(?:the |its )?{doc} (?:from|in|on|of) {few}(?:{pic}|page|sign|poster|document|receipt)"),
    _cue("read-text", 5, r"(?:what|which) (?:words?|text|writing|letters) (?:is|are|can|do|does)", "image document"),
    _cue("read-text", 3, r"(?:the |any |all )?{doc} (?:in|on|from|inside|of) (?:it|this|the|that|my)(?: {pic})?", "image document"),
    _cue("read-text", 6, r"ocr|optical character recognition|text recognition|image[- ]to[- ]text"),
    _cue("read-text", 4, r"(?:convert|turn) {few}(?:{pic}|page|scan)(?: \S+)?(?: \S+)? (?:in)?to (?:plain |editable )?text"),
    _cue("read-text", 4, r"make out (?:what|the)|can(?:'t| not|not) (?:read|make out) (?:this|the|it)|decipher|can you make this out"),
    _cue("read-text", 5, r"(?:type|write|copy|spell|note|list|jot)(?: out| up| down| off)? (?:everything|anything|all|whatever)(?: that)?(?: is|'s)?(?: (?:written|printed|it says|you (?:can )?(?:see|read)))?", "image document"),
    _cue("read-text", 4, r"type (?:this|it|that) (?:up|out)|write (?:down|out) what (?:it|this|the \w+) says?"),
    _cue("read", 2, r"read(?! (?:more|between|only|the room|me|us|out|about|that it))"),
    # transcribing
    _cue("transcribe", 6, r"transcri(?:be|bes|bed|bing|pt|pts|ption|ptions)(?! (?:is|was|above))"),
    _cue("transcribe", 5, r"speech[- ](?:to[- ]text|recognition)|dictation"),
    _cue("transcribe", 5, r"what (?:(?:is|was|are|were|do|does|did) )?(?:being |he |she |they |the \w+ |everyone |people |someone |somebody |anyone |i )?(?:say|says|said|saying|talk|talking|spoken|talked)(?: about)?(?: (?:in|on|here|there|during))?", "audio video"),
    _cue("transcribe", 5, r"(?:write|put|note|take|type|jot)(?: \w+){0,2} (?:down|up|out)(?: (?:what|everything|all))?(?: \w+){0,3}", "audio video"),
    _cue("transcribe", 5, r"(?:convert|turn|put|change|get|transform|transfer) {few}{few}(?:in)?to (?:written |plain )?(?:text|words|writing|a text|a transcript)", "audio video"),
    _cue("transcribe", 5, r"(?:subtitles?|captions?) (?:for|of|from)|make subtitles|the words (?:in|of|from|spoken)|text (?:of|from|version of) {that}{sound}|in writing|as text|written version", "audio video"),
    _cue("transcribe", 5, r"(?:typed|written|noted|jotted) (?:up|out|down)|in written form|type (?:this|it|that) up|minutes of", "audio video"),
    _cue("transcribe", 4, r"(?:listen to|recogni[sz]e) (?:this|the|my|that|it)(?: \w+)?(?: and (?:write|tell me what))?", "audio"),
    # summarising
    _cue("summarise", 6, r"summari(?:[sz]e|[sz]es|[sz]ed|[sz]ing|[sz]ation|es|y)|summary|sum (?:\w+ ){0,3}up|sum up"),
    _cue("summarise", 5, rf"(?:cut|reduce|trim|squeeze) (?:this|it|that|the \w+)(?: down)? to(?= {LENGTH})", "text document audio image"),
    _cue("summarise", 5, r"(?:shorten|condense|abridge|digest|(?:boil|cut|trim|whittle|pare) (?:\w+ ){0,2}(?:down|back)|compress)(?: (?:this|the|it|that))?", "text document audio image"),
    _cue("summarise", 5, r"(?:the |some |main |key |most important |important |give me )+(?:points|takeaways|gist|ideas|highlights|facts|outline|essence|message|overview)(?: of| from| in)?|gist|in a nutshell|in brief|tl;?dr|synopsis|précis|key points|bullet points|main points?|abstract of|overview of|takeaways|highlights of"),
    _cue("summarise", 5, r"what(?:'s| is| are)? {few}(?:{sound}|article|text|document|story|book|letter|email|report|this|it|paper|page|meeting|talk|lecture|call|voicemail|message) (?:all )?(?:about|talking about)(?=\s*(?:[?.!,;:]|$|\band\b|\bthen\b|\bplease\b|\bin\b))|what(?:'s| is) (?:this|it|that) about|what(?:'s| is| was) (?:being )?(?:discussed|talked about|debated)", "text document audio video"),
    _cue("summarise", 5, r"short(?:er)? version|brief version|short overview|make (?:it|this|that|the \w+)(?: (?:a lot|much|a bit|a little|way|far|even))? (?:shorter|briefer)|in (?:one|two|three|four|five|\d+|a few) (?:short |simple )?(?:sentences?|lines?|bullets?|points?)|(?:brief|short|quick) (?:overview|description of the text|recap)|recap"),
    # translating
    _cue("translate", 6, r"translat(?:e|es|ed|ing|ion|ions)(?! (?:is|was))|(?:in|to|into) what language"),
    _cue("translate", 6, rf"how (?:do|would|can) (?:you|i|we|one) say|(?:convert|turn|put|render|rewrite|change|write|express|interpret) {{few}}{{few}}(?:in)?to {LANGUAGE}|what(?:'s| is) ⟦\d+⟧ in {LANGUAGE}|what (?:does|do) {{few}}mean in {LANGUAGE}"),
    _cue("translate", 4, rf"{LANGUAGE} (?:version|translation)(?: of)?|{LANGUAGE} (?:word )?for ⟦|what does (?:this|it|that|⟦\d+⟧) mean in {LANGUAGE}"),
    # feeling
    _cue("sentiment", 6, r"sentiment(?: analysis)?|(?:positive|negative) (?:or|and|vs\.?) (?:negative|positive|neutral|not)|polarity"),
    _cue("sentiment", 6, r"(?:(?:^|(?<=[.?!,;:⟧] )|(?<=\band )|(?<=\bthen )|(?<=\bor )|(?<=\balso )|(?<=\bplease )|(?<=\bme )|(?<=\bknow )|(?<=\bhello )|(?<=\bhi )|(?<=\bso )|(?<=\n))(?:is|are|was|were|does|do|did)|sounds?|seems?|if|whether|how)(?= [^.?!;\n]{0,60}\b(?:positive|negative|neutral|favou?rable|happy|unhappy|sad|angry|upset|grateful|pleased|displeased|satisfied|dissatisfied|annoyed|cheerful|furious|glad|excited|disappointed|complaining|frustrated|impressed|good or bad|enthusiastic|optimistic|pessimistic|grumpy|delighted)\b)"),
    _cue("sentiment", 6, r"(?:what|which|how)(?:'s| is| was|) (?:the |his |her |their |its )?(?:mood|tone|feeling|emotion|attitude|vibe)|(?:mood|tone|emotions?|emotional tone|feelings?|attitude) of (?:the|this|that|my|her|his)|how (?:do|does|did|is) (?:the |this |that )?\w+ (?:feel|feeling|felt)(?: about)?|(?:mood|tone|vibe)"),
    _cue("sentiment", 6, r"(?:is|are|was|were|be)(?= (?:\w+ ){0,2}(?:positive|negative|favou?rable|unfavou?rable)\b)|how (?:the |this |my |our |their |his |her |that )?\w+ (?:feels?|felt|feeling)(?! about (?:the weather|me))"),
    _cue("sentiment", 5, r"(?:does|do|did) [^.?!;,\n]{1,40} (?:sound|seem|come across as)(?! like| familiar)"),
    _cue("sentiment", 5, r"did (?:they|he|she|the \w+|this \w+) (?:like|enjoy|love|hate|dislike)(?: it)?|(?:like|likes|liked) it or not|good or (?:a )?bad(?: review)?"),
    # classes
    _cue("classify", 3, r"classif(?:y|ies|ied|ying|ication)|categori[sz](?:e|ed|ing)|which (?:class|category|genre)|what (?:class|category|genre|topic)|label (?:this|the|it|these)"),
    _cue("classify", 5, r"(?:what|which) language (?:is|was|are)|(?:detect|identify|recogni[sz]e|guess) the language|is (?:this|it) spam|spam or not|detect spam|language of (?:this|the)"),
    _cue("sort", 5, r"zero[- ]shot|(?:classify|categori[sz]e|sort|label|file|tag|put)(?=[^.?!\n]{0,80}(?: as | into | under | using |: |one of |either |with the labels? )[^.?!\n]{1,120}(?:\bor\b|,|\band\b))"),
    _cue("sort", 5, r"(?:is|are|was|does|whether|if) (?:this|it|the|that|these)(?: \w+){0,3}(?: about| related to| on| of| concerning)?(?= (?:an? |the )?[\w-]+(?: \w+)?(?:, (?:an? |the )?[\w-]+(?: \w+)?)+,? or )|(?:is|are|whether|if) (?:this|it|the|that)(?: \w+)? (?:about|related to)(?= (?:an? |the )?[\w-]+ or )|labels? ?:"),
    _cue("classify-image", 4, r"(?:classify|categori[sz]e|label) {that}{pic}|image classification|what (?:class|category|type|kind) (?:is|of) {that}{pic}", "image"),
    _cue("classify-audio", 4, r"audio classification|(?:classify|identify|recogni[sz]e|categori[sz]e|label) {that}{sound}|what (?:kind|sort|type|genre) of (?:sound|music|noise|audio|song|instrument|animal|bird)s?|(?:which|what) (?:instrument|bird|animal|sound|song|noise)(?: is| do|s)?", "audio"),
    _cue("classify-video", 4, r"video classification|(?:classify|categori[sz]e|label) {that}(?:video|clip|film)|what (?:activity|action|sport) is|what (?:happens|is happening|'s happening|goes on|is going on)", "video"),
    _cue("voice-activity", 6, r"voice activity|(?:when|where|which parts?|at what times?|find where|find when|detect when|detect where)(?: \w+)? (?:does |is |are |do |somebody |someone |anyone |anybody |people |there |they )+(?:speak|speaks|speaking|talk|talking|talks|speech|voice)|is (?:there )?(?:anyone|anybody|someone|somebody) (?:speaking|talking)|silen(?:ce|t) (?:parts?|sections?)|speech segments", "audio"),
    # writing
    _cue("write", 4, r"(?:write|compose|draft|author|come up with|invent|make up|tell me|think of|create|generate)(?: me| us)? (?:an? |some |the |my |two |three |five |\d+ )?(?:[\w-]+ ){0,3}?(?:poem|haiku|limerick|sonnet|story|tale|essay|letter|email|e-mail|reply|response|joke|song lyrics|lyrics|speech|blog post|blog|post|paragraph|article|slogan|tweet|review|text|caption|sentence|toast|note|message|advert|ad|recipe|plot|title|headline|script|code|function|names for|ideas|birthday \w+|cover letter|product description|rhyme)s?(?! (?:aloud|to speech|file))"),
    _cue("write", 4, r"paraphras(?:e|ed|ing)|reword|rephrase|rewrite|proofread|(?:fix|correct|check|improve) (?:the |my |its |any |this |all )*(?:grammar|spelling|punctuation|wording|style|mistakes|typos|text|writing|email|essay|letter)|text generation|(?:continue|finish|complete|expand|extend|elaborate)(?: on)? (?:this|the|my|it|that)(?: (?:text|story|sentence|poem|article|essay|tale|paragraph|note))?|make (?:it|this|that)(?: (?:text|email|letter|message))? (?:more )?(?:formal|polite|friendl\w+|simple[r]?|professional|funnier|longer|casual)|simplify|explain (?:this|it|that|the)(?: \w+)? (?:in simple|simply|like|to a)|turn (?:it|this|that) into an? (?:poem|story|email|letter|song|essay|tweet)"),
    _cue("chat", 3, r"(?:chat|talk|converse|have a (?:chat|conversation)|discuss|speak) with me|let's (?:chat|talk)|conversation about|conversational|i (?:feel|am feeling|'m feeling) (?:sad|lonely|bored|down)|advice|recommend(?:ation)?s?|what (?:should|shall) i|how (?:do|can|should) i (?!say|hear|listen)|help me (?:understand|decide|choose|learn|with my)|suggest(?:ions?)?|any tips|tell me about(?! (?:it|this|that|the (?:picture|image|photo|recording|text|document|article|file))\b)|do you (?:like|think|know)|explain"),
    # finding in text
    _cue("names", 5, r"named[- ]entit\w+|entit(?:y|ies)|part[s]?[- ]of[- ]speech|pos[- ]tag\w*|token classification|(?:who|which people|which places|what places|which companies|what companies|which names|what names|who all|what dates|which dates) (?:is|are|was|were|gets?|does it) (?:mentioned|named|mention|named)(?: in| by| here)?|(?:find|extract|list|get|pull out|identify|pick out|highlight|mark|tag|show(?: me)?|give me|spot|detect|what are|name|label|recogni[sz]e)(?: me)? (?:all |every |any |each )?(?:of )?(?:the |key |important |specific )*(?:names?|people|persons|individuals|places|cities|countries|locations|organi[sz]ations|companies|dates|nouns|verbs|adjectives|proper nouns|persons|phone numbers|keywords|tokens)(?!\w)(?!(?: \w+){0,2} (?:picture|photo|image|photos|pictures|pic))(?! \w+ (?:drawn|seen))"),
    _cue("fill", 7, r"\[mask\]|<mask>|_{3,}|fill[- ]?(?:in )?(?:the )?(?:mask(?:ed)?|blanks?|gaps?|missing words?)|fill-mask|missing word|which word (?:fits|belongs|goes)"),
    _cue("vector", 6, r"embeddings?|feature (?:vector|extraction)s?|(?:in)?to (?:an? |a numeric )?vectors?|vectori[sz]e|encode (?:this|the|it) as"),
    _cue("alike", 6, r"(?:how )?(?:similar|alike|close in meaning|different)(?= (?:are|is|in meaning|to|these|the|they|meaning)|\s*[?.!,:]|$)|similarity|mean the same(?: thing)?|same (?:meaning|thing)|compare (?:the |these |those |two |both |following |meaning of |this |it )*(?:sentences?|texts?|phrases?|statements?|paragraphs?|meanings?|⟦)|paraphrases? of each other|semantic(?:ally)? (?:similar\w*|close|same)|is the same as"),
    _cue("rank", 6, r"(?:re-?)?rank(?:ing|ed)?|order (?:these|the|them)(?: \w+)? by (?:relevance|how)|sort (?:these|them|the \w+) by (?:relevance|how)|by relevance|(?:best|most) (?:relevant|matching|fitting) (?:first|order)"),
    _cue("retrieve", 5, r"(?:find|retrieve|search|look) (?:for )?(?:the |me |through )*(?:passages?|pages?|texts?|documents?|paragraphs?)(?: that| which| about| for| on| where| mentioning)|which (?:page|passage|document)s? (?:mentions?|talks?|is|are|says?|fits?|covers?|shows?)|search (?:these|the|my) (?:texts?|documents?|pages?|files?) for"),
    _cue("pick", 6, r"multiple[- ]choice|which of (?:these|the following)(?: \w+)? (?:is|answers?|options?)|(?:choose|pick|select) (?:the )?(?:right|correct|best) (?:answer|option|choice)|\ba\) .{1,80}\bb\) .{1,80}"),
    # tables
    _cue("forecast", 6, r"forecast\w*|(?:predict|project|extrapolate|continue|estimate)(?= [^.?!\n]{0,50}(?:next|future|coming|following (?:month|week|year|day)|series|tomorrow|trend))|next (?:month|week|year|quarter)'?s? (?:sales|values?|numbers|temperature|demand|figures)|time[- ]series"),
    _cue("predict", 5, r"(?:predict|estimate)(?= [^.?!\n]{0,60}(?:price|value|number|column|cost|salary|amount|rows?|score|age|weight|rent|each))|regression", "table document"),
    _cue("classify-table", 6, r"(?:classif(?:y|ication)(?: of)?|label|categori[sz]e|predict the (?:class|label|category))(?: each| every| all)?(?: of)?(?: the| this| these| that| a| my| data in the| data from the)?(?: \w+)? (?:rows?|table|tabular|spreadsheet|csv|records?)(?: data| image| content)?|tabular (?:data )?classification|table classification|which (?:class|category) (?:the|each|every) (?:row|table)"),
    _cue("tell-table", 5, r"(?:put|turn|convert|describe|explain|express|write)(?: \w+){0,3} (?:table|spreadsheet|csv)(?: \w+)?(?: (?:in|into|as|to))?(?: \w+)? ?(?:words|text|sentences|prose)?|table[- ]to[- ]text", "table"),
    _cue("tell-record", 6, r"tabular[- ]to[- ]text|(?:describe|put|turn|tell)(?: \w+){0,3} (?:records?|rows)(?: (?:in|into))?(?: words)?", "table"),
    # pictures: what is in them
    _cue("describe", 5, r"(?:describe|caption|captioning|alt[- ]text)(?: (?:it|this|that|me))?"),
    _cue("describe", 5, r"description of (?:the |this |that |my |what )?(?:{pic}|scene|is)?|tell me (?:about|more about) (?:the |this |that |my )(?:{pic}|file)|what do you (?:see|hear)|what can (?:you|be) (?:see|seen|hear|heard)(?: (?:in|on|here|there))?"),
    _cue("describe", 5, r"what(?:'s| is| are|'re)?(?: there)? (?:in|on|inside|shown in|shown on|depicted in|happening in|going on in)(?: (?:here|there|this|that|it|the|my|these|those))?(?: [\w-]+){0,2}(?=\s*(?:[.?!,;:]|$|\band\b|\bplease\b|\bthen\b))", "image video audio"),
    _cue("describe", 4, r"what(?:'s| is| am i looking at| are) (?:this|that|it|these)(?: (?:a )?(?:{pic})(?: of)?)?(?=\s*(?:of|[.?!,;:]|$|\band\b|please\b))|what (?:does|do) (?:this|it|that|the|these)(?: {pic})? (?:show|depict|represent)|what am i (?:looking|listening) (?:at|to)|what is (?:shown|depicted|happening|going on)(?: here| in (?:this|the|it))?", "image video audio"),
    _cue("describe", 4, r"what(?:'s| is) (?:this|that|the)(?: \w+)? (?:a )?(?:{pic} )?(?:showing|about)(?: here)?", "image"),
    _cue("detect", 5, r"(?:detect|locate|spot|box|mark|pinpoint|bounding[- ]box(?:es)?(?: around| for)?)(?! (?:the |any )?(?:language|sentiment|speech|edges?|silence|emotions?|mood|when|where|poses?|corners|keypoints|text|names|depth|spam))(?: (?:all|every|any|each))?(?: (?:the|of the))?(?: [\w-]+){0,2}", "image"),
    _cue("detect", 5, r"object[- ]detection|bounding[- ]box(?:es)?|(?:detect|identif(?:y|ied|ication of)|locate|find|recogni[sz]e|list|spot|detection of|name|label)(?: and \w+)?(?: (?:all|every|any|each|various|different))?(?: of)?(?: the| specific| any| its| different)* (?:objects?|things|items)(?! in (?:this|the) (?:list|text))|(?:what|which) (?:objects?|things|items) (?:are|can|do|is|does)|objects? (?:detected|identified)"),
    _cue("detect", 5, r"(?:find|where(?:'s| is| are)|point out|draw (?:a )?box(?:es)? (?:around|on)|put (?:a )?box(?:es)? (?:around|on))(?: all| every| each| any| me)?(?: the| my)? (?:faces?|people|persons?|cars?|dogs?|cats?|animals?|birds?|bottles?|objects?|things|bicycles?|bikes?|chairs?)", "image"),
    _cue("detect-named", 6, r"(?:find|detect|locate|box)(?= (?:only |all |any |the |every )*⟦)|open[- ]vocabulary detection|zero[- ]shot (?:object )?detection", "image"),
    _cue("segment", 6, r"segment(?:s|ed|ing|ation)?(?: mask)?|(?:remov|delet|eras|drop|tak|cut)(?:e|ing)? (?:away |out |off )?(?:the |its |this |my )?background|cut[- ]?out|cut (?:\w+ ){1,4}out|background (?:removal|remover|out)|transparent background|without (?:the|its|a) background|isolate the (?:subject|object|person|foreground)|separate (?:\w+ ){0,4}from (?:the|its) background|foreground"),
    _cue("mask", 7, r"(?:generate|make|create|produce|outline|get) (?:[\w-]+ ){0,2}masks?|mask generation|outline everything|segment anything|sam masks?"),
    _cue("depth", 6, r"depths?(?:[- ](?:map|estimation|estimate|image|information))?(?! (?:of (?:knowledge|the water|the lake|the text))|[- ]?(?:of )?field)|how far (?:away )?(?:is|are) (?:each|every|the|things|everything|objects)"),
    _cue("keypoints", 6, r"key-?points?"),
    _cue("keypoints", 6, r"key[- ]?points?|landmarks?(?= (?:of|in|on) (?:this|the|my|a|his|her) (?:face|hand|picture|photo|image))|facial landmarks", "image"),
    _cue("match", 7, r"(?:match(?:ing)?|correspond\w*)(?: the| of| these| two| both)* (?:key[- ]?points?|landmarks?|features?|points)(?: (?:of|in|between))?|key[- ]?point match\w*|match (?:these|the|both)(?: two)? (?:pictures|images|photos)|corresponding points"),
    _cue("canny", 6, r"edge(?:s|[- ]?(?:maps?|detection|detector|image|picture|lines?|drawing))?(?! of (?:the )?(?:city|town|forest|world|road|table|knife))|canny(?:[- ]edges?)?|outlines?(?= of|\b(?: only)?\s*$|[ ,.])|contours?|line (?:art|drawing)s?", "image"),
    _cue("canny", 6, r"edge[- ]?(?:maps?|detection|detector|image|lines?)|canny(?:[- ]edges?)?"),
    _cue("hed", 7, r"soft(?:er)?[- ]edges?(?: map)?|hed(?:[- ](?:boundary|edges?|map))?|holistically[- ]nested\w*"),
    _cue("mlsd", 7, r"straight[- ]lines?(?: map| detection| segments?)?|mlsd(?: lines?)?|line segments"),
    _cue("normal", 7, r"(?:surface )?normals?[- ](?:maps?|estimation|image)|surface normals"),
    _cue("openpose", 7, r"open ?pose|(?:human |body |people's )?poses?(?: (?:map|skeletons?|estimation|detection|picture))?(?! (?:a|the) (?:question|problem|threat))|skeletons?(?: of| map)|stick figures?", "image"),
    _cue("openpose", 7, r"open ?pose|pose (?:map|skeleton|estimation|detection)"),
    _cue("scribble", 7, r"(?:(?:make|turn|convert|change|transform|draw) {few}{few}(?:in|as|to|into)(?:to)? )?(?:an? |the )?(?:scribble|doodle)s?(?: (?:map|of|from|version))?", "image"),
    _cue("midas", 7, r"midas(?:[- ]depth|[- ]control)?(?: map| picture)?|depth control(?: (?:picture|map|image))?"),
    # pictures: made new
    _cue("restyle", 5, r"(?:make|turn|convert|transform|change|render|redraw|repaint|restyle|stylise|stylize|paint|style|adapt)(?:ed|ing)? (?:[\w'-]+ ){0,6}(?:(?:look(?:s|ing)? )?like|(?:in|in)to|in the style|in a|as an?|to (?:a|an|match|look|black|greyscale|grayscale)|black and white|into)(?: (?:an? |the )?[\w-]+)?(?: [\w-]+)? ?(?:painting|cartoon|watercolou?r|sketch|anime|comic|style|drawing|photograph|black and white|grayscale|greyscale|oil|impressionist|van gogh|monet|picasso|pixel art|domain|mosaic|poster|artwork|sepia|manga)?", "image"),
    _cue("restyle", 6, r"coloni[sz]e|colou?ri[sz]e|cartooni[sz]e|(?:in|to) (?:black and white|gr[ae]yscale|sepia)|make (?:it|this|that)(?: {pic})? (?:black and white|gr[ae]yscale|sepia|sharper|brighter|clearer|darker|look)|upscal(?:e|ing)|super[- ]resolution|(?:enhance|sharpen|brighten|restore|denoise|deblur|improve|retouch|clean up|increase the resolution of|fix)(?:d|ing)? {few}{few}(?:{pic}|it|quality|resolution|blur\w*)|image[- ]to[- ]image|style transfer|unblur|blur (?:it|this|the)|in the style of|pencil sketch of (?:this|it|the)", "image"),
    _cue("restyle", 5, r"image[- ]to[- ]image|style transfer"),
    _cue("edit", 5, r"(?:remove|erase|delete|add|insert|replace|swap|put|place|change|paint|edit|modify|alter|recolou?r|adjust|get rid of|give)(?:ed|ing)? (?!(?:the |its |this )?background\b(?! (?:to|with|into|colou?r))|noise|the noise|background noise|captions?|subtitles|it (?:in|into) (?:words|text|french)|me\b|(?:the )?text\b)(?:[\w'-]+ ){0,9}?(?:from|in|on|to|into|with|of|by|onto|out|so|based|according|using|for|sunglasses|hat|sky|blue|red|green|{pic})", "image"),
    _cue("edit", 5, r"make (?:the|his|her|their|its|my|that) (?:[\w-]+ ){1,4}?(?:red|blue|green|yellow|purple|pink|black|white|orange|brown|bigger|smaller|older|younger|smile|smiling|taller|shorter|darker|brighter|disappear|bald|snowy|sunny)|image editing|(?:edit|modify|alter)(?:ed|ing)? (?:the|this|that|my|it|an) ?(?:{pic})?|inpaint\w*", "image"),
    _cue("edit", 5, r"image editing|(?:edit|modify) (?:the|this|that|my|an|it) ?{pic}"),
    # pictures out of words
    _cue("draw", 4, r"(?:draw|paint|sketch|illustrate|depict|render|design|visuali[sz]e|doodle)(?: me| us| for me)?(?= (?:an? |some |the |my |two |three |four |five |several |lots |something |him|her|what|it|this|that|[\w-]+ing |⟦|[a-z]))(?! (?:conclusions?|up|attention|a conclusion|box|boxes|a box|edges|the edges))"),
    _cue("draw", 6, rf"(?:generate|create|make|produce|come up with|give me|show me|i want|i need|i'd like|i would like|i'd love|i would love|can i have|could i have|can i get|imagine|design|want|need|like|new|get|obtain)(?: me| us)? (?:an? |some |the |my |new |another |two |three |\d+ )*(?:(?!for\b|of\b|from\b|this\b|that\b|these\b|to\b|in\b|subtitles|captions|transcript|map\b)[\w-]+ ){{0,3}}?(?:{_PIC}|illustrations?|sketch(?:es)?|artwork|logos?|wallpapers?|icons?|posters?|cartoons?|visuals?|visual representation|art|graphics?|visuali[sz]ation)(?= (?:of|for|from|showing|with|that|about|based|depicting|in which|using|where|representing|related|inspired|to|out|according|titled|called|⟦))"),
    _cue("draw", 6, r"text[- ]to[- ]image|(?:in)?to an? (?:image|picture|illustration|drawing|painting)"),
    _cue("draw-anything", 6, r"(?:a|any|some|make|random|unconditional)(?: me)? (?:random |arbitrary |unconditional |a random |any )+(?:image|picture|photo|art)(?! (?:of|from|with|showing))|unconditional image generation|surprise me with (?:an? )?(?:picture|image|photo)|(?:image|picture) (?:out )?of nothing"),
    *(
        _cue(f"draw-{name}", 8, rf"(?:draw|paint|generate|create|make|render|produce|design)(?: me)?(?= [^.?!;\n]{{1,80}}(?:from|with|using|keep\w*|follow\w*|that keeps?|based on|on|in|of|has|preserv\w*|according to|guided by)(?: the| this| that| these| my| those| same| a| an| of| its|'s)* (?:[\w-]+ ){{0,1}}(?:{words})(?: (?:map|picture|image|lines|control))?)", "image")
        for name, words in {
            "canny": r"edges?(?! soft)|edge map|canny|outlines?|contours?", "depth": r"depth(?: map)?|depths", "hed": r"soft edges?|hed",
            "mlsd": r"straight lines?|mlsd", "normal": r"normals?|normal map|surface normals", "openpose": r"poses?|skeletons?|stick figures?",
            "scribble": r"scribbles?|doodles?|sketch", "seg": r"segmentation(?: map)?|layout|segments",
        }.items()
    ),
    # moving pictures, shapes
    _cue("film", 6, r"(?:generate|create|make|produce|give me|show me|render|film|shoot|i (?:want|need))(?: me| us)? (?:an? |some |the |my |short |new )*(?:(?!for\b|of\b|from\b|this\b|that\b|these\b|to\b|in\b|subtitles|captions|transcript|map\b)[\w-]+ ){0,3}?(?:videos?|movies?|films?|animations?|clips?|gifs?)(?! (?:louder|quieter|shorter|smaller|brighter|transcript|description|file into))|text[- ]to[- ]video|(?:in)?to (?:an? )?(?:[\w-]+ )?(?:video|movie|film)"),
    _cue("animate", 7, r"animat(?:e|ed|ing)(?! film)|(?:bring|come)(?: \w+){0,4} to life|make (?:it|this|that|him|her|them|the \w+)(?: {pic})? move|image[- ]to[- ]video|(?:turn|make|convert|transform) (?:this|that|the|my|it)(?: {pic})? (?:in)?to an? (?:short )?(?:video|movie|clip|gif|animation)|(?:video|movie|animation|clip|gif) (?:of|from|out of) (?:this|the|my|that) {pic}", "image"),
    _cue("shape", 7, r"3[- ]?d(?:[- ](?:model|shape|object|mesh|version))?|three[- ]dimensional"),
    _cue("restyle-video", 6, r"(?:make|turn|convert|stylise|stylize|transform|restyle|change|stabili[sz]e|upscale|slow|speed|colou?ri[sz]e|improve|sharpen|enhance)(?: (?:this|that|the|my|it|up|down))+(?: (?:video|clip|film|movie|footage))?", "video"),
    # sound
    _cue("clean-audio", 6, r"(?:denois\w*|noise[- ]?(?:reduction|removal|cancell\w+|free)|(?:remove|reduce|cancel|filter|suppress|eliminate|get rid of|take out|clean up|without)(?: out)? (?:all |any |the |some |of |background |unwanted )*(?:noises?|hiss|hum|echo|hissing|static|crackl\w+)|audio[- ]to[- ]audio|source separation)"),
    _cue("clean-audio", 6, r"(?:clean|clear|enhance|improve|separate|isolate|split|remaster|boost|amplify|denoise|change|restore|extract|fix|master|polish|filter|refine)(?:d|ing)?(?: up)? (?:the |this |that |my |its |it\b|out |up |from |different |all |each )*(?:[\w-]+ )?(?:{sound}|vocals?|voices?|sources?|instruments?|drums|speakers|quality|sound quality|audio quality|clarity|pitch)", "audio"),
    _cue("clean-audio", 6, r"(?:enhanc|improv|clean|separat|isolat)(?:e|es|ed|ing|ement)(?: up)? (?:[\w'-]+ ){0,4}(?:audio|sound|speech|voice|recording|vocals)(?: file)?(?:'s)?(?: quality| clarity)?|clean (?:it|this|that) up|make (?:it|this|that|the (?:sound|recording|audio|speech|voice)) (?:clearer|louder|quieter|cleaner)", "audio"),
    _cue("compose", 6, r"(?:compose|generate|create|make|produce|play|write|give me)(?: me| us)? (?:an? |some |the |new |short )*(?:[\w-]+ ){0,4}?(?:music|melody|tune|songs?|jingle|beat|sound effects?|soundtrack|sounds?|ambience|lullaby)(?! (?:lyrics|from this|louder|clearer|version|file|of (?:this|the) (?:text|article|letter|note)))|text-to-(?:audio|music)|(?:the )?sounds? of (?:rain|waves|thunder|wind|birds|the sea|the ocean|a \w+)"),
    _cue("about-sound", 6, r"audio[- ]text[- ]to[- ]text|(?:write|answer|tell me)(?: \w+){0,4} about (?:this|the) (?:sound|noise|music|song)", "audio"),
    _cue("compose-about-image", 6, r"(?:write|compose|draft|make up|tell|create|come up with)(?: me| us)? (?:an? |some |the |short |funny )*(?:[\w-]+ ){0,2}?(?:poem|haiku|limerick|story|advert|ad|listing|post|tweet|caption|joke|song|letter|description|product description|slogan|essay)s? (?:about|for|from|based on|inspired by|to go with|of|on) (?:this|the|my|these|that|it)(?: {pic})?(?! (?:text|article|note|letter))", "image"),
    _cue("compose-about-image", 6, r"image[- ]text[- ]to[- ]text|(?:compare|differences? between) (?:these|the|both|the two|two)(?: two)? {pic}", "image"),
    _cue("anything", 8, r"any[- ]to[- ]any"),
)  # fmt: skip

SPOKEN_ONLY = frozenset({"speak"})
"""Acts that say how something is wanted rather than what."""

ASKS = re.compile(
    r"(?<!\w)(?:read|say|speak|announce|recite|voice|dictate|repeat|hear|listen|put|give|show|transcri\w+|summar\w+|translat\w+|sentiment|positive|negative|classif\w+|categori\w+|draw|paint|"
    r"generate|create|make|write|describe|caption|extract|find|detect|answer|question|rewrite|rephrase|paraphrase|compare|similar\w*|rank|"
    r"convert|turn|tell|what|who|when|where|why|how|which|is|are|does|label|sort|fill|complete|continue|correct|fix|shorten|condense|"
    r"aloud|happy|names?|entities|embed\w*|voice|gist|points|summary|explain|pronounce|narrate|tldr|simplify|feeling|mood|tone)(?!\w)"
)
"""Whether a stretch asks for something at all; used only to tell an instruction from a text that is given."""

QUESTION = re.compile(
    r"^(?:\W|(?:please|and|then|also|so|ok|okay|now|hi|hello|hey|well|but|finally|next|just|quickly)\b\W*)*"
    r"(?:(?:can|could|would|will) you (?:please )?|i(?:'d| would)? (?:want|like|need|love|wish) (?:you )?to |i (?:was|am) wondering |i wonder |"
    r"(?:help|let) me )?(?:please )?(?:(?:tell|show|inform) (?:me|us) (?:about )?|say |let me know |find out |figure out |work out |check |know |look up |"
    r"determine |answer (?:me )?|see |explain |understand |do you know |can you see |learn |ask |identify |guess )?"
    r"(?:(?:aloud|out loud|quickly|briefly)[, ]+)?"
    r"(?P<q>(?:to whom|for whom|in which|in what|at what|on what|on which|by when|from where|since when|under what)\b.*|"
    r"(?:what|what's|who|who's|whose|whom|when|when's|where|where's|why|why's|which|how|how's|if|whether|is|are|was|were|do|does|did|has|have|had|"
    r"can(?! you\b)|could(?! you\b)|will(?! you\b)|should|am|isn't|aren't|doesn't|didn't|wasn't|there's)\b.*)",
    re.DOTALL,
)
"""A clause that is a question, direct or indirect; `q` is the question itself."""

FIELD = (
    r"(?:grand |sub|net |gross |final |overall )?totals?(?: (?:amount|price|cost|sum|due|paid))?|amounts?(?: (?:due|paid|owed))?|sum(?! up)|price|cost|"
    r"(?:due |invoice |expiry |expiration |issue |delivery |purchase |order )?dates?|time|vat|tax|tip|change|balance|"
    r"(?:invoice |order |phone |telephone |account |reference |serial |receipt |table |card |flight |ticket |policy |customer |vat |room )(?:numbers?|nos?|nr)|"
    r"address|company(?: name)?|vendor|merchant|(?:name of the )?(?:shop|store|seller|sender|recipient|restaurant|cashier|author|patient|customer|buyer)(?:'s)?(?: name)?|"
    r"iban|postcode|zip code|opening hours|e-?mail address|payment method|deadline|quantity|discount|headline|title|heading"
)
FACT = re.compile(
    rf"(?:tell me|give me|show me|find(?: out| me)?|get(?: me)?|extract|look up|check|pull out|pick out|need(?: to know)?|want(?: to know)?|know|what about|"
    rf"say|read|play|voice|speak|announce|report|state|hear|just|only|and|,|^|spell out|tell us|list)\s*(?:me |us |out )?(?P<fact>(?:just |only )?(?:the|its|their|his|her|my|a)\s+(?:{FIELD})\b[^.?!;,\n]*)"
)
"""A fact that is asked for by name: "tell me the total"."""
BARE_FACT = re.compile(rf"\W*(?:please )?(?P<fact>{FIELD})(?:\W+(?:please|on (?:it|this|here)))?\W*")
"""A request that is nothing but the name of a fact: "invoice no?"."""

PAGE_NOUNS = re.compile(
    r"(?<!\w)(?:receipts?|invoices?|bills?|documents?|forms?|scan(?:s|ned)?|letters?|contracts?|tickets?|menus?|statements?|certificates?|pages?|"
    r"brochures?|flyers?|leaflets?|posters?|signs?|notices?|labels?|cheques?|checks?|articles?|newspapers?|business cards?|timetables?|schedules?|"
    r"prescriptions?|payslips?|reports?|slides?|screenshots?|emails?|contracts?|passport|licen[cs]e|envelope|notes?|paper|recipe|pdf|quote|charts?)(?!\w)"
)
PHOTO_QUESTION = re.compile(
    r"(?<!\w)(?:colou?rs?|wearing|wears?|doing|happening|going on|animals?|breed|weather|raining|snowing|persons?|people|m[ae]n|wom[ae]n|boys?|girls?|child(?:ren)?|"
    r"kids?|bab(?:y|ies)|any(?:one|body)|some(?:one|body)|dogs?|cats?|cars?|bicycles?|bikes?|holding|standing|sitting|smiling|running|background|"
    r"foreground|sky|buildings?|looking|behind|beside|next to|in front|faces?|eyes|hair|flowers?|trees?|food|dish|plants?|"
    r"indoors|outdoors|day or night|season|made of|shape|happy|sad|angry|birds?|zebras?|horses?|what objects?|(?:what|which) things)(?!\w)"
)
"""What is asked of a photo: of what it shows, not of what stands in it."""

OF_PHOTO = re.compile(
    rf"(?:^|\W)(?:who|what|is there|are there|how many)(?:'s|\b)[\w' -]{{0,40}} (?:in|on|from) (?:the|this|my|that|these|an?) {_PIC}(?!\w)"
)
"""The same where only the place says so: "is there a lamp in this picture"."""

PAGE_ALWAYS = re.compile(
    r"(?<!\w)(?:allowed|permitted|forbidden|when|free|admitted|totals?|amounts?|prices?|cost|costs|how much|fees?|fines?|charges?|numbers?|codes?|dates?|deadline|address|"
    r"e-?mail|website|url|names?|called|titles?|headlines?|errors?|written|printed|says?|stated?|mentioned|invited|signed)(?!\w)"
)
"""Asked of a page whatever else is spoken of: "are dogs allowed"."""

DESCRIBES = re.compile(
    rf"(?<!\w)(?:describe|description|captions?|captioning|alt[- ]text|see|seen|happening|going on|depict(?:s|ed)?|represent|{_PIC})(?!\w)"
)
"""Whether what a picture shows is asked for, rather than "what is on this card"."""

PAGE_QUESTION = re.compile(
    rf"(?<!\w)(?:{FIELD}|how much|what time|phone|who (?:is|was) (?:it|this) (?:from|to|for|by|addressed)|signed|issued|paid|owed?|due|"
    r"cost|spent|spend|charged|written|sold|bought|purchased|ordered|cheapest|most expensive|when|closes?|opens?|begins?|starts?|ends?|page|section|"
    r"clause|mentioned|says?|stated?|according to|euros?|dollars?|pounds?|pay)(?!\w)"
)
"""What is asked of a page rather than of a photo."""

PEOPLE_IN_PICTURES = re.compile(
    r"(?<!\w)(?:he|she|they|man|woman|boy|girl|child|kid|person|people|baby|dog|cat|face|guy|lady|player|animal|couple|everyone|somebody|anyone)(?!\w)"
)

NOUNS: dict[Media, re.Pattern[str]] = {
    "image": re.compile(
        r"(?<!\w)(?:images?|pictures?|photos?|photographs?|pics?|screenshots?|snapshots?|scans?|receipts?|invoices?|signs?|posters?|menus?|drawings?|"
        r"paintings?|selfies?|portraits?|postcards?|whiteboard|pages?|labels?|page|bill|form|ticket|scene|chart|map|handwriting|billboard|flyer|card|"
        r"screen|cover|packaging|edges?)(?!\w)"
    ),
    "audio": re.compile(
        r"(?<!\w)(?:audio|recordings?|memos?|voice (?:notes?|messages?|memos?|mails?)|voicemails?|podcasts?|clips?|sound(?:s| file)?|songs?|interviews?|calls?|talks?|lectures?|"
        r"speech|speakers?|tracks?|music|dictation|meeting|conversation|voice|messages?|episode)(?!\w)"
    ),
    "video": re.compile(r"(?<!\w)(?:videos?|movies?|films?|footage|vlogs?|clips?)(?!\w)"),
    "text": re.compile(
        r"(?<!\w)(?:texts?|articles?|notes?|reviews?|letters?|emails?|e-mails?|essays?|stor(?:y|ies)|poems?|paragraphs?|passages?|documents?|reports?|"
        r"sentences?|books?|chapters?|comments?|tweets?|posts?|blog|recipe|feedback|paper|messages?|speech|file|quote|news|minutes)(?!\w)"
    ),
    "document": re.compile(
        r"(?<!\w)(?:documents?|pdfs?|contracts?|reports?|papers?|forms?|invoices?|letters?|brochures?|manuals?|leases?|agreements?|cvs?|resumes?|pages?|"
        r"articles?|bills?|statements?|slides?)(?!\w)"
    ),
    "table": re.compile(
        r"(?<!\w)(?:tables?|spreadsheets?|csv|sheets?|data|rows?|columns?|figures|dataset|numbers|records?)(?!\w)"
    ),
    "data": re.compile(r"(?!)"),
}
"""Words that point at something attached, by its medium."""

RESULTS: dict[str, re.Pattern[str]] = {
    "summarization": re.compile(
        r"(?<!\w)(?:summary|summaries|summarized|summarised|short version|recap|overview|gist|main points|key points)(?!\w)"
    ),
    "translation": re.compile(rf"(?<!\w)(?:translations?|translated|{LANGUAGE} (?:version|text|one))(?!\w)"),
    "automatic-speech-recognition": re.compile(r"(?<!\w)(?:transcripts?|transcriptions?|transcribed)(?!\w)"),
    "image-to-text": re.compile(
        r"(?<!\w)(?:captions?|descriptions?|extracted|recogni[sz]ed text|(?:text|words|writing) (?:in|on|from) (?:it|the|this))(?!\w)"
    ),
    "answers": re.compile(r"(?<!\w)(?:answers?|answered)(?!\w)"),
    "text-generation": re.compile(
        r"(?<!\w)(?:poem|haiku|story|essay|reply|response|joke|limerick|generated text|rewritten|new text|rewrite|paragraph|email|toast)(?!\w)"
    ),
    "labels": re.compile(
        r"(?<!\w)(?:sentiment|mood|classification|class|labels?|category|objects? detected|detected objects?)(?!\w)"
    ),
    "text-to-image": re.compile(
        r"(?<!\w)(?:drawing|generated (?:image|picture)|new (?:image|picture)|created (?:image|picture))(?!\w)"
    ),
    "edited": re.compile(
        r"(?<!\w)(?:edited|modified|transformed|enhanced|resulting|restored|cleaned|segmented|new|improved|cleaned[- ]up|clean)(?!\w)"
    ),
    "edges": re.compile(r"(?<!\w)(?:edge map|edges|edge image|depth map|outline)(?!\w)"),
}
"""Words that point at what an earlier step made."""

RESULT_KINDS: dict[str, frozenset[str]] = {
    "image-to-text": frozenset({"image-to-text", "visual-question-answering"}),
    "answers": frozenset({"question-answering", "document-question-answering", "visual-question-answering", "table-question-answering",
                          "conversational", "video-text-to-text", "text-generation"}),
    "labels": frozenset({"text-classification", "zero-shot-classification", "image-classification", "audio-classification", "object-detection",
                         "video-classification", "zero-shot-image-classification", "tabular-classification"}),
    "edited": frozenset({"image-text-to-image", "image-to-image", "audio-to-audio", "image-segmentation", "video-to-video", "text-to-image"}),
    "edges": frozenset({"canny-control", "hed-control", "depth-estimation", "midas-control"}),
    "text-to-image": frozenset({"text-to-image"}),
}  # fmt: skip

PRONOUN = re.compile(
    r"(?<!\w)(?:it|that|them|those|the result|the results|the output|the outcome|everything|what you (?:find|found|get|got)|all of it|both)(?!\w)"
)
WHOLE = re.compile(r"(?<!\w)(?:whole|entire|full|original|complete|all of (?:the|this))(?!\w)")
EACH = re.compile(
    r"(?<!\w)(?:these|those|each|every|both|all|them|pictures|photos|images|recordings|files|articles|reviews|texts|notes|receipts|two|three|letters)(?!\w)"
)
TOGETHER = re.compile(
    r"(?<!\w)(?:together|combined?|into one|as one|a single|overall|one (?:text|summary|recording|file)|joint(?:ly)?)(?!\w)"
)

NEGATION = re.compile(
    r"(?:\b(?:don't|do not|doesn't|does not|didn't|no need to|needn't|need not|not|never|without|rather than|instead of|skip|avoid|no|not to|"
    r"don't (?:want|need)(?: \w+)?(?: to)?|do not (?:want|need)(?: \w+)?(?: to)?|don't bother(?: to)?|won't)\b(?: (?:you|to|want|need|have|bother|a|an|the|any|it|just|please|me))*\s*)$"
)
"""What stands right before an act that is not wanted."""

GREETING = re.compile(
    r"\W*(?:(?:hi+|hello+|hey+|hiya|howdy|yo|hallo|greetings|good (?:morning|afternoon|evening|day|night)|how are you(?: doing)?(?: today)?|how's it going|"
    r"nice to meet you|there|everyone|all|again|hugginggpt|friend|bot|buddy|what's up|sup|are you there)\W*)+"
)
THANKS = re.compile(
    r"\W*(?:(?:ok|okay|great|perfect|cool|nice|awesome|wonderful|no|yes)\W+)*(?:thanks?(?: you)?|many thanks|cheers|ta|thank u|bye|goodbye|see you|"
    r"that's all|well done|good job|great|perfect|much appreciated)(?:\W+(?:so|very|a lot|much|again|lot|a million|for \w+(?: \w+){0,3}|(?:that|this|it)(?:\'s| is| was) (?:very |really |so )?\w+|hugginggpt|later|bye|you|all|now))*\W*"
)
HELP = re.compile(
    r"\W*(?:(?:please|hi|hello|hey|so|ok|and)\W+)*(?:help(?: me)?(?: please)?|what (?:can|could|do) (?:you|u|this|it|hugginggpt|i) (?:do|ask|help(?: me)? with|offer|ask you|use|support)(?: (?:you|for|for me|here|with this|with it|to do|exactly))*|"
    r"what (?:are|is) (?:you|this|hugginggpt|your (?:capabilities|skills|features|abilities)|this (?:tool|program|app|thing))(?: (?:capable of|able to do|for|good at))?|"
    r"who are you|what can i (?:do|ask)(?: you)?(?: (?:with|about|for) (?:an? |my )?\w+(?: \w+)?)?|(?:how (?:do|does|can|should) (?:you|this|it|i|hugginggpt) (?:work|use (?:you|this|it|hugginggpt)|start|begin|get started))|"
    r"what(?:'s| is) (?:this|hugginggpt|it|your)(?: (?:program|programme|app|tool|thing|purpose|software|command))? ?(?:for|about|good for)?|what (?:kinds?|sorts?|types?) of (?:tasks?|things|stuff|requests?) (?:can|do) (?:you|i)(?: \w+){0,3}|(?:list|show)(?: me)? (?:your|the|all)(?: \w+)? (?:tasks|kinds|abilities|capabilities|skills|features|functions)|"
    r"how can you help(?: me)?|can you help(?: me)?|tell me (?:what you can do|about yourself)|usage|commands|instructions|manual|menu|introduce yourself)\W*(?:please|today|then|now)?\W*"
)

POINTS_ONLY = re.compile(
    r"\W*(?:(?:of|for|from|it|this|that|them|these|those|the|my|me|us|out|aloud|a|an|its|same|following|attached|file|text|texts|story|article|"
    r"description|poem|image|picture|photo|note|document|letter|scene|result|output|with|using|based|on|to|please|by|in|into|loud|for|summary|"
    r"caption|answer|transcript|translation)\W*)*"
)

FROM_IT = re.compile(
    r"\b(?:from|with|using|based on|on|keeping|following|out of) (?:it|that|this|them|those|the (?:edges?|edge map|map|depth|pose|poses|scribble|lines|result|outlines?|skeleton|layout|depth map))\b"
)

WISH = re.compile(
    rf"(?<!\w)(?:(?:(?:in|to|into|with|using|as) )?{LENGTH}(?:,? (?:of |with |and )?{LENGTH})*|"
    rf"(?:in|to|into|as) an? {_UNIT}(?:,? (?:of |with )?{LENGTH})?|"
    r"(?:as|in|into|with) (?:a )?(?:few |short |\w+ )?(?:bullet(?: |-)?points?|bullets|list|key points|headline|haiku|tweet)|"
    r"(?:in|with|using) (?:plain|simple|easy|short|everyday) (?:words|english|terms|language|sentences)|for (?:a|my) (?:child|kid|\w+ year old|five-year-old|beginner|grandma|boss)|"
    r"(?:one|two|three|four|five|\d+)[- ](?:sentence|line|word|paragraph|point)(?= summary)|(?:very )?briefly)(?!\w)"
)
WISH_APART = re.compile(
    rf"[.!?;\n]\s*(?:(?:please|use|keep|make|it|the summary|should|must|be|have|has|write|but|is) )*(?P<wish>{LENGTH})(?!\w)"
)
"""A length that has a sentence of its own: "Max 50 words."."""

POINTS = re.compile(r"(?<!\w)(?:this|that|these|the|my|it|its)(?!\w)")

FROM_CONTROL: dict[str, str] = {
    "canny-control": "draw-canny", "hed-control": "draw-hed", "mlsd-control": "draw-mlsd", "normal-control": "draw-normal",
    "openpose-control": "draw-openpose", "scribble-control": "draw-scribble", "midas-control": "draw-depth", "depth-estimation": "draw-depth",
    "image-segmentation": "draw-seg",
}  # fmt: skip
"""What drawing becomes when it is done from a control picture that a step before made."""

TRANSFORMS = frozenset(
    {"speak", "translate", "summarise", "write", "draw", "film", "animate", "restyle", "edit", "clean-audio", "compose", "compose-about-image",
     "draw-canny", "draw-depth", "draw-hed", "draw-mlsd", "draw-normal", "draw-openpose", "draw-scribble", "draw-seg", "restyle-video", "read"}
)  # fmt: skip
"""Acts that go on from what the step before made, unless told otherwise."""

LEAD_IN = re.compile(
    r"^\s*(?:me |us |for me )?(?:an? (?:image|picture|photo|drawing|painting|video|clip) )?(?:of|for|from|showing|with|that shows|depicting|based on|about)?\s+"
)
"""What leads up to what shall be drawn: "an image of"."""

TAIL = re.compile(
    rf"\s*(?<!\w)(?:aloud|out loud|to me|for me|please|(?:in)?to (?:\w+ )?{LANGUAGE}|in (?:\w+ )?{LANGUAGE}|from {LANGUAGE}|in a \w+ voice|with a \w+ voice)(?!\w).*$",
    re.DOTALL,
)
"""What follows a text that stands in the request itself: "to French", "out loud"."""

LISTED = re.compile(
    r"(?:labels?|classes|categories|as(?: either)?|into|under|between|about|using|one of|related to|:|\bis (?:this|it|the \w+)|\w) ?:?\s*((?:an? |the )?[\w-]+(?: [\w-]+)?(?:, (?:an? |the )?[\w-]+(?: [\w-]+)?)*,? (?:or|and) (?:an? |the )?[\w-]+)"
)
"""Labels as a list: "as cat, dog or bird"."""

ABOUT_WRITING = re.compile(
    r"\b(?:review|letter|text|comment|message|note|email|writ\w+|says?|tweet|post|customer|feedback|author|sentiment|words)\b"
)
"""Whether a mood is that of a text, not of people in a picture."""

ALREADY = re.compile(
    r"\b(?:texts?|articles?|letters?|emails?|notes?|signs?|menus?|documents?|written|is|are|was|recordings?|speech|file|review|sentences?|images?|"
    r"pictures?|photos?|messages?|spoken|language|poem|story|podcast|video|speaks?|speaking|talks?|poster)\s*$"
)

PREPARES = re.compile(
    r"^(?:please |can you |could you |just )*(?:read|look at|check|scan|see|open|take)(?: over| through)? (?:this|the|my|that|it|these|[\w-]+\.\w+)(?: \w+){0,2}\s*$"
)

ONCE_IN_CLAUSE = frozenset(
    {"summarise", "speak", "segment", "depth", "detect", "restyle", "edit", "sentiment", "names", "clean-audio", "alike", "canny", "read-text",
     "transcribe", "describe", "classify", "openpose", "scribble", "write", "draw", "film", "compose"}
)  # fmt: skip

ANSWERING = frozenset(
    {
        "read-text", "transcribe", "summarise", "sentiment", "classify", "sort", "names", "fill", "alike", "rank", "retrieve", "pick",
        "classify-audio", "classify-video", "classify-image", "voice-activity", "describe", "detect", "depth", "canny", "openpose",
        "write", "chat", "draw", "segment", "restyle", "forecast", "about-sound", "keypoints", "match", "classify-table", "hed", "mlsd", "normal",
        "scribble", "mask", "shape", "film", "compose", "compose-about-image", "clean-audio", "detect-named", "edit", "vector", "predict", "tell-table",
    }
)  # fmt: skip
"""Acts that, standing in a question, are what answers it."""

NO_QUESTION = (
    "if you", "if it", "if possible", "if that", "when you", "when it's", "once ", "what you ", "do it", "do this", "do not", "do that",
    "have a look", "have it", "do the", "will be", "is for", "is an ", "is a ", "is in ", "is from ", "is my",
)  # fmt: skip
"""Beginnings that look like a question's and are none, without a question mark."""

AROUND_FACT = re.compile(
    r"^(?:just |only )?(?:the|its|their|his|her|my|a)\s+|\s+(?:on|of|from|in|to me|aloud|out loud|for me|please|out|as|with|by|using|into|at)\b.*$"
)
"""What stands around the name of a fact."""

PREPARED = frozenset(
    {"ask", "ask-page", "summarise", "translate", "sentiment", "names", "write", "describe", "read-text", "transcribe", "classify", "sort"}
)  # fmt: skip
"""Acts that plain reading only leads up to."""

KNOWN = (
    "transcribe transcript transcription summarise summarize summary summarization translate translation describe description "
    "caption picture photograph receipt invoice recording sentiment positive negative question answer classify classification "
    "article document paragraph sentence review speaker speech aloud segment background object detect depth generate draw image "
    "estimate similar similarity keypoints paraphrase rewrite forecast recognise recognize colour french spanish german italian "
    "english portuguese japanese chinese message letter extract identify"
).split()

RIGHT = frozenset(
    "summaries summarised summarized translated translates described describes classified detected segments objects sentences "
    "articles documents receipts invoices pictures reviewed reviews reviewer speakers messages letters questions answers answered "
    "images generated draws received receive deposit department depart captions position positions reviewing latter better later "
    "matter manage massage passage greatest defect deject germany italy france spain imagine imaged estate grench".split()
)
SHORTHAND = {
    "pls": "please", "plz": "please", "plse": "please", "u": "you", "ur": "your", "r": "are", "whats": "what's", "wats": "what's", "wat": "what",
    "wht": "what", "wots": "what's", "dis": "this", "teh": "the", "thsi": "this", "tihs": "this", "thx": "thanks", "outloud": "out loud",
    "tel": "tell", "gimme": "give me", "lemme": "let me", "wanna": "want to", "hows": "how's", "wheres": "where's", "whos": "who's",
    "dont": "don't", "doesnt": "doesn't", "isnt": "isn't", "im": "i'm", "pic": "picture", "pics": "pictures", "foto": "photo", "txt": "text",
    "vid": "video", "img": "image", "summerize": "summarize", "summerise": "summarise", "summery": "summary", "tldr": "summarise",
    "tl;dr": "summarise", "ocr": "read the text", "tts": "read aloud", "asr": "transcribe", "alowd": "aloud", "allowed": "allowed",
    "recipt": "receipt", "reciept": "receipt", "colour": "colour", "photograph": "photo", "translte": "translate", "aswell": "as well",
    "waht": "what", "hwat": "what", "whta": "what", "wich": "which", "whihc": "which", "recepit": "receipt", "receit": "receipt", "reciepts": "receipts",
    "recipts": "receipts", "sentance": "sentence", "sentances": "sentences", "sentense": "sentence", "sentenses": "sentences", "peice": "piece",
    "alound": "aloud", "alod": "aloud", "aloude": "aloud", "sumary": "summary", "sumery": "summary", "raed": "read",
    "adn": "and", "totl": "total", "toal": "total", "tiem": "time", "trascript": "transcript", "edgemap": "edge map", "positiv": "positive",
}  # fmt: skip
