# ruff: noqa: E501 - lists of words are data: one line as one reads it
"""How programs word their subjects and texts, as data: absence notes, receipts, deliveries that failed; in many languages.

Neighbours: ``marks`` holds what headers say. No expression here takes more than linear time.
"""

import re

_FLAGS = re.IGNORECASE
_LONGEST_SUBJECT = 300
_OUTSIDE_TAG = re.compile(r"^\[[^\]\[]{1,40}\]\s*")  # "[EXTERN]", which the receiving office puts before a subject


def subject_of(text: str) -> str:
    """The subject as the sender's program wrote it, as far as it matters here."""
    return _OUTSIDE_TAG.sub("", text.strip()[:_LONGEST_SUBJECT], count=1)


ABSENCE_SUBJECT = re.compile(
    r"(?:(?-i:AUTO: )|auto(?:matic|m\.|mated)?[- ]?(?:reply|response|antwort|responder|replied|r[ée]ponse)|vacation (?:reply|response|message|notice)"
    r"|automatische (?:antwort|r(?:ü|ue)ckantwort|abwesenheit|nachricht|e-?mail|empfangsbest|eingangsbest)|automatisch(?:e|es)? (?:antwoord|bericht|beantwoord)"
    r"|abwesenheits(?:notiz|meldung|benachrichtigung|nachricht|mitteilung|info|assistent|agent)|urlaubs(?:notiz|meldung|benachrichtigung|nachricht|info)"
    r"|out of (?:the |my )?office|ooo\s*(?:$|[:!.(–-]|r?e ?:)|away from (?:the |my )?(?:office|desk)"
    r"|r[ée]ponse automatique|absence d[ue] bureau|absente? d[ue] bureau|message d.absence|notification d.absence"
    r"|respuesta autom[áa]tica|resposta autom[áa]tica|fuera de (?:la )?oficina|fora do escrit[óo]rio|mensaje de ausencia|aviso de ausencia"
    r"|risposta automatica|fuori (?:sede|ufficio)|afwezigheids?(?:bericht|melding|assistent)|niet (?:op|in) kantoor|buiten kantoor"
    r"|autosvar|automatiskt? svar|fr[åa]nvaro|frav[æa]r|(?:ute|borte) (?:av|fra) kontoret|ikke p[åa] kontoret|inte p[åa] kontoret"
    r"|automaattinen vastaus|poissaoloviesti|automaatvastus|autom[āa]tisk[āa] atbilde|automatinis atsakymas"
    r"|automatyczna odpowied[źz]|odpowied[źz] automatyczna|autoodpowied[źz]|poza biurem|automatick[áa] odpov[ěe][ďd]|mimo kancel[áa][řr]"
    r"|automatikus v[áa]lasz|h[áa]zon k[íi]v[üu]l|r[ăa]spuns automat|automatski odgovor|samodejni odgovor|otomatik yan[ıi]t|ofis d[ıi][şs][ıi]"
    r"|автоответ|автоматический ответ|автоматична відповідь|автоматичен отговор|вне офиса|αυτόματη απάντηση|自動応答|自動返信|不在|自动答复|自动回复|自動回覆|자동 회신)",
    _FLAGS,
)
PERHAPS_ABSENT_SUBJECT = re.compile(  # who is on holiday and cancels writes so too: only the text can tell
    r"(?:(?:ich bin|i am|i.m|je suis|ik ben|sono) )?(?:(?:on |annual |parental |maternity |paternity |sick ){1,3}(?:leave|vacation|holidays?)|vacation|abwesen(?:d|heit)"
    r"|(?:zur ?zeit |derzeit )?(?:au(?:ß|ss)er haus|nicht im (?:b(?:ü|ue)ro|hause?|dienst))|(?:im )?urlaub|elternzeit|absen(?:te?|ce)|en cong[ée]s?|afwezig|met vakantie|assente|in ferie|ausente|de vacaciones|semester|nieobecn[ya]|urlop|poissa)"
    r"\s{0,3}(?:$|[:!.(]|bis\b|until\b|till\b|from\b|vom\b|du\b|jusqu|t/m|tot\b|dal\b|fino\b|hasta\b|re ?:)",
    _FLAGS,
)
_ABSENT_DE_EN = (
    r"out of (?:the )?office|on (?:\S{1,12} ){0,2}(?:leave|vacation|holidays?)|away (?:from (?:the |my )?(?:office|desk)|until)|no longer works? (?:for|at|here)"
    r"|(?:nicht|wieder|erst) (?:\S{1,20} ){0,4}(?:im (?:b(?:ü|ue)ro|hause?|dienst)|erreichbar|f(?:ü|ue)r sie da)|au(?:ß|ss)er haus|abwesend|im urlaub|in elternzeit|verreist|nicht mehr (?:\S{1,20} ){0,4}(?:t(?:ä|ae)tig|besch(?:ä|ae)ftigt)"
)
_ABSENT_ELSEWHERE = (
    r"absente?|en (?:cong[ée]s?|vacances|d[ée]placement)|afwezig|niet (?:aanwezig|op kantoor)|met (?:vakantie|verlof)|fuori (?:ufficio|sede)|in ferie|assente|fuera de (?:la )?oficina|de vacaciones|ausente|de f[ée]rias"
    r"|nieobecn[ya]|na urlopie|poza biurem|p[åa] (?:semester|ferie)|(?:inte|ikke) p[åa] kontoret|mimo kancel[áa][řr]"
)
ABSENT = re.compile(rf"\b(?:{_ABSENT_DE_EN}|{_ABSENT_ELSEWHERE})\b", _FLAGS)  # somebody is away …
# fmt: off
ABSENT_STEMS = ("absent", "cong", "vacan", "déplacement", "deplacement", "afwezig", "aanwezig", "kantoor", "vakantie", "verlof", "fuori", "ferie", "assente", "fuera", "ausente", "férias", "ferias", "nieobecn", "urlopie", "biurem", "semester", "kontoret", "kancel")  # one is in every match of the next; to look for these first is fast
# fmt: on
ABSENT_ELSEWHERE = re.compile(rf"\b(?:{_ABSENT_ELSEWHERE})\b", _FLAGS)  # … in languages that ``understand`` does not read
INSTEAD = re.compile(  # … and what becomes of the mail, or whom to ask instead
    r"\b(?:(?:not|nicht|niet|pas) (?:\S{1,20} ){0,3}(?:forwarded|monitored|weitergeleitet|gelesen|bearbeitet|doorgestuurd|gelezen|transf[ée]r[ée])|(?:no|limited|keinen|kein|eingeschr(?:ä|ae)nkten) (?:\S{1,20} ){0,2}(?:access|zugriff|zugang)"
    r"|(?:urgent|dringend|wichtig|eilig|dringlich)\S{0,3} (?:\S{1,20} ){0,8}(?:contact|call|e-?mail|wenden|kontakt|an\b)|(?:wenden sie sich|please contact|please direct|meine vertretung|my colleague|meine (?:kollegin|vertreterin)|meinen? (?:kollegen|vertreter))"
    r"|(?:urgen(?:ce|t|za|ze|cia|cias)|dringende? (?:zaken|vragen|gevallen)|pilnych)|contact op met|merci de contacter|veuillez contacter|contattare|(?:en mi ausencia|p[óo]ngase en contacto)|proszę o kontakt|kontakta|kontakt)\b",
    _FLAGS,
)
SAYS_AUTOMATIC = re.compile(
    r"(?:r[ée]ponse|message|courriel) automatique|automatisch(?:e|es)? (?:bericht|antwoord|antwort|nachricht|generiert|erstellt|erzeugt|gegenereerd)|risposta automatica|messaggio automatico|(?:respuesta|mensaje) autom[áa]tic"
    r"|(?:resposta|mensagem) autom[áa]tica|automatyczna odpowied|automatiskt? (?:svar|genere)|automat(?:ed|ic|ically generated) (?:reply|response|message)|generated automatically|автоматическ",
    _FLAGS,
)
AWAY_SUBJECT = re.compile(  # "Anna Berg ist außer Haus (Rückkehr am 3.3.)": of a third person, and no more than that
    r"^(?!(?:re|aw|sv|antw|wg|fwd?|tr)\s?:)[^:?]{2,60}\s(?:is|ist|est|[èe]|est[áa]|[äa]r|er|jest)\s(?:currently |zurzeit |derzeit |bis zum [\d.]{4,10} )?"
    r"(?:out of (?:the )?office|away from (?:the )?office|au(?:ß|ss)er haus|nicht im (?:b(?:ü|ue)ro|haus)|absente?(?: d[ue] bureau)?|fuori (?:ufficio|sede)|fuera de la oficina|niet (?:op|in) kantoor|nieobecn[ya])"
    r"\s{0,3}(?:$|[(.!]|until|bis|vom|from|jusqu)",
    _FLAGS,
)
RECEIPT_SUBJECT = re.compile(
    r"(?:lesebest(?:ä|ae)tigung|read(?:[- ]receipt|\s*:)|return receipt|zustellbest(?:ä|ae)tigung|(?:eingangs|empfangs)best(?:ä|ae)tigung(?:\s*:|\s+ihre[rs]?\b)"
    r"|(?:gelesen|nicht gelesen|ungelesen gel(?:ö|oe)scht|not read|deleted|lu|non lu|le[íi]do|letto|gelezen|niet gelezen|l[äæ]st|lest|przeczytano|lido)\s?:"
    r"|(?:zugesagt|abgesagt|mit vorbehalt|accepted|declined|tentative(?:ly accepted)?|accept[ée]|refus[ée]|provisoire|geaccepteerd|afgewezen|voorlopig|aceptad[oa]|rechazad[oa]|accettat[oa]|rifiutat[oa])\s?:"
    r"|accus[ée] de (?:r[ée]ception|lecture)|confirmation de lecture|leesbevestiging|ontvangstbevestiging|conferma di lettura|ricevuta di ritorno|confirmaci[óo]n de lectura|acuse de recibo"
    r"|\W{0,4}(?:un-?deliver|unzustellbar|nicht zustellbar|delivery (?:status|failure|failed|error|problem|delay|report|notification|incomplete)|non[- ]?deliver|ndn\s?:|ndr\s?:"
    r"|(?:e-?mail|message|mail|e-mail message) (?:delivery (?:failed|failure|system|subsystem|warning|error|problem|report|notification|delayed|status|has failed)|(?:is )?undeliverable|not delivered|could not be delivered|was not delivered|you sent blocked)"
    r"|returned (?:e-?)?mail|returned to sender|failure notice|mail failure|delayed mail|warning: (?:could not send|message|e-?mail)|message (?:status|delayed|rejected|blocked|undeliver)|failed (?:mail )?delivery|mail system error|system ?administrator|postmaster notify"
    r"|zustell(?:ungs)?(?:fehler|problem|warnung|bericht)|zustellung (?:fehlgeschlagen|gescheitert|verz(?:ö|oe)gert|nicht m(?:ö|oe)glich)|benachrichtigung (?:zum|(?:ü|ue)ber den) (?:zustell|(?:ü|ue)bermittlung|status)|fehler bei der (?:zustellung|(?:ü|ue)bermittlung)|(?:ü|ue)bermittlungsfehler"
    r"|[ée]chec d(?:e|') ?(?:la )?(?:remise|distribution|livraison|envoi)|non (?:remis|distribu|d[ée]livr)|avis de non|message non (?:remis|d[ée]livr|distribu)|notification d.[ée]tat de remise|retour [àa] l.exp[ée]diteur|courrier retourn"
    r"|no se (?:puede|pudo|ha podido) entregar|error de entrega|notificaci[óo]n de (?:estado de )?entrega|(?:mensaje |correo )?no entregado|correo devuelto|falha na entrega|n[ãa]o entregue|n[ãa]o foi poss[íi]vel entregar"
    r"|impossibile (?:recapitare|consegnare)|mancat[oa] (?:consegna|recapito)|non recapitabile|errore di consegna|notifica (?:di mancat|dello stato)"
    r"|onbestelbaar|niet (?:af)?(?:geleverd|bezorgd)|bezorging mislukt|kan niet worden bezorgd|melding van bezorgings|niedostarcz|nie mo[żz]na dostarczy[ćc]|nie dostarczono|zwrot wiadomo"
    r"|det g[åa]r inte att leverera|olevererbart|ej levererat|kan ikke leveres|kunne ikke leveres|ikke leveret|uleverbar|nedoru[čc]|nelze doru[čc]it|k[ée]zbes[íi]thetetlen|teslim edilemedi|ei voitu toimittaa|toimitusvirhe|nelivrat"
    r"|недостав|не доставлен|не удалось доставить|сообщение не доставлено|не можна доставити))",
    _FLAGS,
)
FAILED = re.compile(  # said of a delivery, in a subject or a text
    r"undeliver|non-?deliver(?:y|able)|(?:could|can|was|were|has|have)(?: ?not|n.t)(?: be| been)? (?:delivered|sent|reached)|delivery (?:\S{1,20} ){0,6}(?:has |have )?(?:failed|been delayed|been postponed|is delayed)"
    r"|(?:un|not )able to deliver|failed to deliver|returned to sender|user unknown|unknown user|no such user|mailbox (?:is )?(?:full|unavailable|not found)|(?:full|over quota) mailbox|quota exceeded|address (?:not found|rejected)|recipient (?:not found|unknown|rejected)"
    r"|message (?:was |has been )?(?:rejected|blocked)|(?:^\s*|\n)(?:rejected|blocked|abgelehnt|abgewiesen)\s?:|fehler bei der (?:zustellung|(?:ü|ue)bermittlung)|(?:nachricht|mail) (?:\S{1,30} ){0,4}(?:abgelehnt|abgewiesen|zur(?:ü|ue)ckgewiesen)"
    r"|unzustellbar|nicht (?:\S{1,20} ){0,2}(?:zugestellt|zustellbar|(?:ü|ue)bermittelt|ausgeliefert)|zustellung (?:\S{1,20} ){0,4}(?:fehlgeschlagen|gescheitert|nicht m(?:ö|oe)glich|verz(?:ö|oe)gert)|postfach (?:ist )?(?:voll|(?:ü|ue)berf(?:ü|ue)llt)|empf(?:ä|ae)nger (?:ist )?unbekannt|unbekannter empf(?:ä|ae)nger"
    r"|(?:pas (?:p[uû] )?|impossible d.)(?:[êe]tre )?(?:d[ée]livr|remis|distribu|achemin)|non (?:remis|distribu|d[ée]livr)|[ée]chec (?:\S{1,20} ){0,3}(?:remise|distribution|livraison)|bo[îi]te (?:aux lettres |de r[ée]ception )?pleine|destinataire inconnu"
    r"|no (?:se )?(?:pudo|puede|ha podido|ha sido)(?: ser)? entrega|no entregado|error de entrega|impossibile (?:recapitare|consegnare)|non (?:[èe] stato |pu[òo] essere )?(?:recapitat|consegnat)|mancata consegna|casella piena"
    r"|onbestelbaar|niet (?:\S{1,20} ){0,2}(?:bezorgd|afgeleverd|geleverd)|bezorging mislukt|niedostarcz|nie (?:zosta[łl]a? |mo[żz]na )?dostarcz|n[ãa]o (?:foi |p[ôo]de ser )?(?:poss[íi]vel )?entreg|(?:kan|kunne) ikke leveres|ikke leveret|(?:kunde|kan) inte levereras|nedoru[čc]|не (?:был[оа]? )?доставл",
    _FLAGS,
)
AT_THE_END = re.compile(  # of a subject: "…: non remis (delivery failed)", "… – Unzustellbar"
    r"[:(\[–-]\s?(?:undeliver(?:ed|able)|delivery fail(?:ed|ure)|failure notice|not delivered|returned mail|unzustellbar|nicht zu(?:stellbar|gestellt)|zustellung fehlgeschlagen|non (?:remis|distribu[ée]|d[ée]livr[ée])|no entregado|non recapitat[oa]|onbestelbaar|niet bezorgd|niedostarczone|n[ãa]o entregue)[\s)\]!.*-]{0,6}$",
    _FLAGS,
)
ANSWERED = re.compile(r"(?:re|aw|sv|antw|antwort|r[ée]p|wg|fwd?|tr|rv|i|odp|vs)\s?:", _FLAGS)
OPENING = re.compile(  # how a report begins, and hardly ever a person
    r"(?:(?:this is (?:the |an? )|hi\. this is |i.m (?:sorry to have|afraid i was)|sorry,? (?:we|i) (?:were|was|could)|we (?:were unable|could not|couldn.t|are sorry to inform)|unable to deliver|message from |an error (?:has )?occurr?ed)"
    r"|(?:the |your |a |an )?(?:following |original |e-?mail |attached )*(?:message|e-?mail|mail|delivery|address|recipient|user)s? (?:\S{1,80} ){0,12}?(?:could|cannot|can.t|was|were|has|have|had|is|did|failed|that you sent|to the following|not found|undeliver)"
    r"|(?:ihre|die|diese|folgende|die folgende)n? (?:nachricht|e-?mail|mail|adresse|empf(?:ä|ae)nger)|fehler bei der|bei der (?:zustellung|(?:ü|ue)bermittlung)|die zustellung|leider konnte|hallo[,!] (?:ihre|die) |this message was created automatically|diese nachricht wurde automatisch"
    r"|(?:votre|le|ce) (?:message|courriel|mail)|[ée]chec d|la remise|(?:su|el|este) (?:mensaje|correo)|no se (?:pudo|puede|ha podido)|la entrega|error de|(?:il|questo) (?:tuo |suo )?messaggio|impossibile|(?:uw|het|dit) (?:bericht|e-?mail)|de bezorging|bezorging|twoja wiadomo|wiadomo|nie mo[żz]na|a sua mensagem|din besked|meddelandet|ditt meddelande)",
    _FLAGS,
)
A_PERSON = re.compile(  # says "I" as no report does
    r"\b(?:ich|mich|mir|mein(?:e[rnms]?)?|je|j.ai|moi|mon|ik|mij|mijn|yo|io)\b|\bi (?:would|want|wish|will|like|hereby|register|have|am (?!sorry|afraid|unable))|\bmy (?!best|server)",
    _FLAGS,
)
CODE = re.compile(  # a server's own words: RFC 5321 replies, RFC 3463 status codes, RFC 3464 fields
    r"\b[45]\d\d[ -]#?[45]\.\d{1,2}\.\d{1,3}\b|^[\W_]{0,8}(?:smtp error |error |code:? )?[45]\d\d[ -]\S|\bsmtp;\s?[45]\d\d|#[45]\.\d\.\d\b|\b(?:host|server|mta)\b.{0,80}\b(?:said|responded|returned|replied|antwort\w*)\b"
    r"|^\W{0,6}(?:final-recipient|original-recipient|diagnostic-code|action: failed|status: [45]\.|reporting-mta|remote[- ]mta)|\brcpt to:|\bstatus(?:code)?:? [45]\.\d\.\d",
    re.IGNORECASE | re.MULTILINE,
)
ADDRESS_LINE = re.compile(
    r"^[\s<(\"'*>-]{0,8}(?:mailto:|rfc822;\s?)?[^\s@<>\"']{1,64}@[^\s@<>\"']{1,190}[\s>)\"':;.*]{0,6}$", re.MULTILINE
)
