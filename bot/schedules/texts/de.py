"""German."""

from typing import Final

TEXTS: Final = {
    "mistakes.empty": "Sag wann, in welcher Zeitzone und was: `montags um 8 Uhr Berlin "
    "what comes next`.",
    "mistakes.time": "Um wie viel Uhr? Sag zum Beispiel `{days} 9:00` oder `{days} at 8:30pm`.",
    "mistakes.bad-time": "`{given}` ist keine Uhrzeit. Sag zum Beispiel `9:00`, `20:30` oder "
    "`mittags`.",
    "mistakes.content": "Was soll ich senden? Nenne ein Briefing, eine Frage, `changes` oder "
    "`rotation`: `weekdays 9:00 china-vs-us`.",
    "mistakes.unknown-content": "Die Briefings haben keine Antwort auf `{given}`.",
    "mistakes.near-content": "Die Briefings haben keine Antwort auf `{given}`. Meintest du {near}?",
    "mistakes.zone": "Die Zeitzone `{given}` kenne ich nicht. Nimm eine Stadt oder einen "
    "IANA-Namen: `Berlin`, `America/New_York`.",
    "mistakes.zone-near": "Die Zeitzone `{given}` kenne ich nicht. Meintest du {near}? Nimm eine "
    "Stadt oder einen IANA-Namen: `Berlin`, `America/New_York`.",
    "mistakes.which-zone": "`{given}` heißen mehrere Zeitzonen. Sag welche: {choices}.",
    "mistakes.no-zone": "In welcher Zeitzone? Schreib eine Stadt hinter die Uhrzeit: "
    "`täglich 9:00 Berlin china-vs-us`.",
    "mistakes.fields": "Ein Cron-Ausdruck hat fünf Felder, Minute Stunde Tag Monat Wochentag: "
    '`cron "0 9 * * 1-5" Berlin china-vs-us`.',
    "mistakes.cron": "`{given}` ist kein Cron-Ausdruck, den ich lesen kann. Ein Beispiel: "
    '`cron "0 9 * * 1-5" Berlin china-vs-us`.',
    "mistakes.never": "`{given}` kommt nie. Wähle einen Tag, den es gibt und der noch kommt: "
    "`monatlich am 28. 9:00`.",
    "mistakes.often": "Das ist öfter als alle fünf Minuten. Ein Beispiel: `weekdays 9:00`.",
    "mistakes.hours": "`{given}` teilt den Tag nicht gleichmäßig. Sag `alle 2 Stunden`, oder 3, 4, "
    "6, 8 oder 12, oder nenne die Uhrzeiten: `um 9:00 und 17:30`.",
    "mistakes.date": "`{given}` kann ich nicht als Datum lesen. Schreib Daten als 2026-12-25.",
    "mistakes.leftover": "Ich weiß nicht, was `{given}` hier heißt. Sag wann, wo und was in dieser "
    'Reihenfolge, und setz eine Frage in Anführungszeichen: `montags 9:00 Berlin "what comes '
    'next"`.',
    "mistakes.contradiction": "`{given}` passt nicht zum Rest. Ein Zeitplan hat einen Rhythmus: "
    "`dienstags und freitags 9:00 und 17:00 Berlin china-vs-us`. Mach zwei, wenn du zwei willst.",
    "mistakes.which-half": "Morgens oder abends? Sag es bei jeder Uhrzeit in `{given}`: "
    "`8am and 9pm`, oder `8:00 und 21:00`.",
    "mistakes.which-date": "Meinst du {one} oder {other}? Schreib das Datum: `on {one} at 9:00`.",
    "mistakes.which-day": "An welchem Tag? Zum Beispiel `alle 2 Wochen montags 9:00`.",
    "mistakes.which-week": "Welcher `{given}` des Monats? Zum Beispiel `first monday 9:00`, oder "
    "`montags 9:00`.",
    "mistakes.which-nth": "`{given}` kann in Wochen oder im Monat gezählt sein. Sag "
    "`alle 3 Wochen montags 9:00` oder `third monday of the month 9:00`.",
    "mistakes.which-date-of-year": "An welchem Tag des Jahres? Zum Beispiel "
    "`jährlich am 24. Dezember um 9:00`.",
    "mistakes.how-often": "`{given}`: an welchen Tagen und um wie viel Uhr? Zum Beispiel "
    "`mon, wed and fri 9:00`.",
    "mistakes.count": "`{given}` lässt sich bei Uhrzeiten mit verschiedenen Minuten nicht zählen. "
    "Nimm stattdessen `until 2026-12-31`.",
    "mistakes.span-or-end": "`{given}`: ein Zeitraum oder das Ende? Schreib "
    "`außer 2026-12-24 bis 2027-01-02` für einen Zeitraum, und `until 2026-12-31` vor `außer`.",
    "mistakes.beside": "Das Briefing `{known}` kenne ich, aber nicht, was `{given}` daneben heißt. "
    "Zum Beispiel: `weekdays 9:00 Berlin china-vs-us, key-players außer 2026-12-25`.",
    "mistakes.missed": "`{given}` ist keines von `skip`, `late` und `merge`.",
    "mistakes.nothing": "Es ist nichts gesagt, was sich ändern würde. Zum Beispiel `10:30`, oder "
    "`key-players`.",
    "mistakes.unseen": "Ich sehe diesen Kanal nicht und weiß deshalb nicht, wer ihn "
    "verwaltet. Lade mich hierher ein und versuche es noch einmal.",
    "mistakes.not-allowed": "Nur wer diesen Kanal verwalten darf, kann seine Zeitpläne ändern. "
    "Frag jemanden davon, oder sieh dir einen mit `test` selbst an.",
    "mistakes.stranger": "Nur Leute der Organisation, zu der diese App gehört, können ihre "
    "Zeitpläne ändern; Gäste und Leute anderer Organisationen nicht.",
    "mistakes.no-such": "In diesem Kanal gibt es keinen Zeitplan `{given}`. `list` zeigt sie.",
    "mistakes.was-removed": "Der Zeitplan `{given}` wurde schon gelöscht.",
    "mistakes.too-many": "Dieser Kanal hat schon {given} Zeitpläne; lösche erst einen.",
    "mistakes.like-it": "So einen gibt es schon: `{given}`.",
    "mistakes.off": "Zeitpläne sind hier aus: Der Bot läuft ohne eine Datenbank, die einen "
    "Neustart übersteht. Wer ihn betreibt, kann DATABASE_URL setzen.",
    "room.member": "Ich bin nicht in dem Kanal. Lade mich dort mit /invite ein und versuch es "
    "noch einmal.",
    "room.archived": "Der Kanal ist archiviert. Wähle einen anderen oder hol ihn zurück.",
    "room.gone": "Den Kanal kann ich nicht sehen. Lade mich dort ein und versuch es noch einmal.",
    "room.other-dm": "In ein Gespräch zwischen anderen kann ich nicht schreiben. Schreib mir "
    "direkt, oder wähle einen Kanal.",
    "room.restricted": "In dem Kanal dürfen nur manche schreiben, und ich gehöre nicht dazu. Ein "
    "Admin kann es mir erlauben; versuch es dann noch einmal.",
    "room.view": "Ich darf den Kanal nicht sehen. Erlaube es mir und versuch es noch einmal.",
    "room.send": "Ich darf in dem Kanal nicht schreiben. Erlaube es mir und versuch es noch "
    "einmal.",
    "room.threads": "Ich darf hier nicht in Threads schreiben. Erlaube es mir und versuch es noch "
    "einmal.",
    "room.thread-archived": "Der Thread ist archiviert. Öffne ihn und versuch es noch einmal.",
    "room.thread-locked": "Der Thread ist gesperrt. Entsperre ihn und versuch es noch einmal.",
    "room.kind": "In einen Kanal dieser Art kann niemand schreiben. Wähle einen Text-, "
    "Ankündigungs- oder Forumskanal.",
    "added": "Eingeplant.",
    "kept": "Noch nicht eingeplant, aber aufgehoben.",
    "changed": "Geändert.",
    "paused": "Pausiert.",
    "already-paused": "Er war schon pausiert.",
    "resumed": "Läuft wieder.",
    "already-running": "Er läuft schon.",
    "removed": "Gelöscht.",
    "tested": "Das sendet der nächste Lauf; nur du siehst es.",
    "today": "Heute würde dies gesendet; nur du siehst es.",
    "nothing-left": "Die Briefings haben nichts von dem, was dieser Zeitplan sendet; er würde "
    "nichts senden.",
    "nothing-new-now": "Heute würde nichts gesendet: Es gibt nichts Neues.",
    "next-runs": "Die nächsten Läufe ({zone}):",
    "no-runs": "Er läuft nicht mehr.",
    "zone-guessed": "Die Zeiten sind in {zone}, was du nicht genannt hast; schreib eine Stadt "
    "hinter die Uhrzeit, um das zu ändern.",
    "none-yet": "Dieser Kanal hat noch keine Zeitpläne. Zum Beispiel: `{example}`.",
    "which": "Welcher? Sag `{verb} ID` mit der ID des Zeitplans.",
    "list-title": "Zeitpläne dieses Kanals",
    "history-title": "Was mit ihm geschah",
    "history": "• {at} {what} von {who}: {detail}",
    "history.added": "angelegt",
    "history.edited": "geändert",
    "history.paused": "pausiert",
    "history.resumed": "fortgesetzt",
    "history.removed": "gelöscht",
    "history.imported": "eingespielt",
    "somebody": "jemandem, der vergessen wurde",
    "help": "Zeitpläne dieses Kanals, in Worten:\n"
    "• `weekdays 9:00 china-vs-us`\n"
    "• `alle 2 Wochen montags um 8 Uhr Berlin what comes next`\n"
    "• `first and third friday 9:00 und 17:00 changes` (nur was seit dem letzten Mal neu ist)\n"
    "• `on 2026-12-24 at 9:00 rotation` (ein Briefing nach dem anderen)\n"
    '• `cron "0 9 * * 1-5" Asia/Tokyo china-vs-us, key-players`\n'
    "• dazu `außer 2026-12-24 bis 2027-01-02`, `until 2026-12-31`, `for 3 weeks`, `5 times`, "
    "`if missed skip`, `if missed late`, `even if nothing new`, `within 3 hours`, "
    "`spread over 5 minutes`\n"
    "• `list`, `edit ID ...`, `pause ID`, `resume ID`, `test ID`, `remove ID`, `history ID`",
    "state.next": "als Nächstes {at}",
    "state.paused": "pausiert",
    "state.paused-for": "pausiert: {why}",
    "state.done": "läuft nicht mehr",
    "last.sent": "zuletzt gesendet {at}",
    "last.nothing-new": "nichts Neues {at}",
    "last.late": "zu spät {at}",
    "last.missed": "verpasst {at}",
    "last.failed": "fehlgeschlagen {at} ({why})",
    "rotation": "ein Briefing nach dem anderen",
    "changes": "was seit dem letzten Briefing neu ist",
    "say-nothing-new": "auch wenn es nichts Neues gibt",
    "every-day": "jeden Tag",
    "every-days": "alle {n} Tage",
    "weekly": "jeden {days}",
    "weeks": "alle {n} Wochen am {days}",
    "monthly": "am {days} des Monats",
    "months": "alle {n} Monate am {days}",
    "monthly-days": "am {days} des Monats",
    "months-days": "alle {n} Monate am {days}",
    "yearly": "jedes Jahr am {days}",
    "years": "alle {n} Jahre am {days}",
    "in-months": "im {months}",
    "only-on": "nur am {days}",
    "at": "um {times}",
    "many-times": "{n}-mal am Tag von {first} bis {last}",
    "once": "einmal, {dates}",
    "until": "bis {date}",
    "count": "{n}-mal",
    "except": "außer {dates}",
    "span": "{first} bis {last}",
    "comma": ", ",
    "monday-to-friday": "Tag von Montag bis Freitag",
    "nth-day": "{nth} {day}",
    "year-day": "{day}. {month}",
    "working-day": "Arbeitstag",
    "day-of": "Tag von {days}",
    "last-day": "letzten Tag",
    "nth.1": "ersten",
    "nth.2": "zweiten",
    "nth.3": "dritten",
    "nth.4": "vierten",
    "nth.5": "fünften",
    "nth.-1": "letzten",
    "nth.-2": "vorletzten",
    "nth.-3": "drittletzten",
    "ordinal": "{n}.",
    "day.0": "Montag",
    "day.1": "Dienstag",
    "day.2": "Mittwoch",
    "day.3": "Donnerstag",
    "day.4": "Freitag",
    "day.5": "Samstag",
    "day.6": "Sonntag",
    "month.1": "Januar",
    "month.2": "Februar",
    "month.3": "März",
    "month.4": "April",
    "month.5": "Mai",
    "month.6": "Juni",
    "month.7": "Juli",
    "month.8": "August",
    "month.9": "September",
    "month.10": "Oktober",
    "month.11": "November",
    "month.12": "Dezember",
    "missed.skip": "verpasste Läufe fallen aus",
    "missed.late": "verpasste Läufe werden nachgeholt, innerhalb von {grace}",
    "missed.merge": "verpasste Läufe werden zu einem zusammengefasst, innerhalb von {grace}",
    "spread": "verteilt über {given}",
    "days": "{n} Tagen",
    "hours": "{n} Stunden",
    "minutes": "{n} Minuten",
    "seconds": "{n} Sekunden",
    "notice": "Dein Zeitplan {id} für {where} läuft nicht mehr: {what}",
    "notice.channel-gone": "Den Kanal gibt es nicht mehr.",
    "notice.archived": "Der Kanal ist archiviert. Hol ihn zurück und drück Fortsetzen.",
    "notice.thread-archived": "Der Thread ist archiviert oder gesperrt. Öffne ihn und drück "
    "Fortsetzen.",
    "notice.not-member": "Ich bin nicht mehr in dem Kanal. Lade mich ein und drück Fortsetzen.",
    "notice.not-permitted": "Ich darf in dem Kanal nicht mehr schreiben. Erlaube es mir und drück "
    "Fortsetzen.",
    "notice.blocked": "Die AutoMod des Servers blockiert meine Beiträge. Nimm mich von der Regel "
    "aus und drück Fortsetzen.",
    "notice.closed": "Ich kann dir keine Direktnachrichten mehr schicken.",
    "notice.uninstalled": "Die App wurde entfernt. Installiere sie neu und drück Fortsetzen.",
    "notice.not-covered": "Die Briefings haben nichts mehr von dem, was er sendet. Ändere, was er "
    "sendet, und drück Fortsetzen.",
    "notice.refused": "Die Plattform nimmt meine Beiträge nicht an ({code}). Bring das in Ordnung "
    "und drück Fortsetzen.",
    "notice.unreadable": "Was von ihm gespeichert ist, ist nicht lesbar. Lege ihn neu an; wer den Bot betreibt, sieht den "
    "Grund mit `aibrief deliveries`.",
    "look": "Ich weiß nicht, ob ein Briefing deines Zeitplans {id} für {where} angekommen ist: Die Plattform "
    "hat nicht geantwortet, und ich darf nicht nachsehen, weil `{needed}` fehlt. Nichts wird doppelt gesendet. "
    "Gib es mir, und ich sehe selbst nach; der Zeitplan läuft weiter.",
    "look.history": "das Recht, den Verlauf des Kanals zu lesen",
    "button.pause": "Pausieren",
    "button.resume": "Fortsetzen",
    "button.again": "Noch einmal versuchen",
    "button.test": "Testen",
    "button.edit": "Bearbeiten",
    "button.remove": "Löschen",
    "button.new": "Briefing planen",
    "button.list": "Zeitpläne hier",
    "form.new": "Neuer Zeitplan",
    "form.add": "Einplanen",
    "form.edit": "Zeitplan bearbeiten",
    "form.save": "Speichern",
    "form.stays": "Was du leer lässt, bleibt. Jetzt: {given}",
    "form.close": "Abbrechen",
    "form.done": "Fertig",
    "form.channel": "Kanal",
    "form.when": "Wann",
    "form.when-hint": "montags bis freitags 9:00",
    "form.zone": "Zeitzone",
    "form.zone-hint": "Europe/Berlin",
    "form.what": "Was gesendet wird",
    "form.question": "Oder eine Frage, jedes Mal neu beantwortet",
    "form.question-hint": "what comes next",
    "form.skip": "Außer an",
    "form.skip-hint": "2026-12-24 bis 2027-01-02, freitags",
    "form.until": "Bis",
    "form.until-hint": "2026-12-31",
    "form.missed": "Verpasste Läufe",
    "form.missed.skip": "fallen aus",
    "form.missed.late": "werden nachgeholt",
    "form.missed.merge": "werden zu einem zusammengefasst",
    "home.title": "Deine Zeitpläne",
    "home.none": "Du hast noch keine Zeitpläne.",
}
"""Key -> text; in braces what is put in."""
