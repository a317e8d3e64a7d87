"""One module per intent; this table is where a new one is entered."""

from collections.abc import Callable, Mapping

from mailbot.domain.understanding import Intent
from mailbot.intents import automatic, cancel, confirm, data_request, question, register, unclear, unsubscribe
from mailbot.intents.plan import Plan

HANDLERS: Mapping[Intent, Callable[[Plan], None]] = {
    Intent.REGISTRATION: register.decide,
    Intent.CANCELLATION: cancel.decide,
    Intent.UNSUBSCRIBE: unsubscribe.decide,
    Intent.DATA_SUBJECT_REQUEST: data_request.decide,
    Intent.CONFIRMATION: confirm.decide,
    Intent.QUESTION: question.decide,
    Intent.AUTOMATIC: automatic.decide,
    Intent.UNCLEAR: unclear.decide,
}
