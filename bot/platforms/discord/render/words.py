"""What the bot says of its own doings on Discord, and what stands on buttons, in five languages.

Discord tells the language of whoever acts; answers are in the library's own.
"""

from __future__ import annotations

from typing import Final

from bot.answering import phrases

ENGLISH: Final = "en"
_OTHERS: Final = ("zh-CN", "es", "de", "ja")

UNREADABLE: Final = (
    "I only read text: no pictures without a description, no voice messages, no stickers. Please "
    "write what you would like to know, or use /aibrief."
)
WELCOME: Final = (
    "Thank you for having me. I answer from curated briefs, every sentence with its source. Type "
    "/aibrief and a question, or /briefs to see what I know; in a channel you can also mention "
    "me. With /briefing add I post a briefing on a schedule."
)

_TEXTS: Final = {
    UNREADABLE: (
        "我只能阅读文字：没有说明的图片、语音消息和贴纸我看不懂。"
        "请写下您的问题，或使用 /aibrief。",
        "Solo leo texto: no imágenes sin descripción, mensajes de voz ni stickers. Escribe lo que "
        "quieres saber o usa /aibrief.",
        "Ich lese nur Text: keine Bilder ohne Beschreibung, keine Sprachnachrichten, keine "
        "Sticker. Bitte schreib, was du wissen möchtest, oder nutze /aibrief.",
        "私が読めるのは文章だけです。説明のない画像、音声メッセージ、スタンプは読めません。"
        "知りたいことを書くか、/aibrief を使ってください。",
    ),
    WELCOME: (
        "感谢邀请。我根据整理好的简报作答，每句话都注明来源。输入 /aibrief 和问题，或用 /briefs "
        "查看内容；在频道里也可以提及我。用 /briefing add 可以定时发布简报。",
        "Gracias por invitarme. Respondo con fichas revisadas, cada frase con su fuente. Escribe "
        "/aibrief y una pregunta, o /briefs para ver lo que sé; en un canal también puedes "
        "mencionarme. Con /briefing add publico un resumen periódico.",
        "Danke für die Einladung. Ich antworte aus geprüften Briefings, jeder Satz mit seiner "
        "Quelle. Tippe /aibrief und eine Frage, oder /briefs für das, was ich weiß; in einem "
        "Kanal kannst du mich auch erwähnen. Mit /briefing add sende ich regelmäßig ein Briefing.",
        "招待ありがとうございます。私は確認済みのブリーフから、すべての文に出典を付けて答えます。"
        "/aibrief と質問を入力するか、/briefs で一覧を見てください。チャンネルでは"
        "メンションもできます。"
        "/briefing add で定期的に投稿します。",
    ),
    phrases.PREVIOUS: ("上一页", "Anterior", "Zurück", "前へ"),
    phrases.NEXT: ("下一页", "Siguiente", "Weiter", "次へ"),
    phrases.OPEN_BRIEF: ("打开简报", "Abrir una ficha", "Ein Briefing öffnen", "ブリーフを開く"),
    phrases.TELL_ME: (
        "有相关内容时通知我",
        "Avísame cuando esté cubierto",
        "Sag mir, wenn es dazu etwas gibt",
        "掲載されたら知らせる",
    ),
    phrases.SHARE: ("分享", "Compartir", "Teilen", "共有"),
    phrases.WHY: ("为什么？", "¿Por qué esto?", "Warum das?", "なぜこの回答？"),
    phrases.HELPFUL: ("有帮助", "Útil", "Hilfreich", "役に立った"),
    phrases.NOT_HELPFUL: ("没有帮助", "No útil", "Nicht hilfreich", "役に立たなかった"),
    phrases.NOTED: (
        "谢谢，已记录。",
        "Gracias, anotado.",
        "Danke, notiert.",
        "ありがとうございます。記録しました。",
    ),
    phrases.EXPIRED: (
        "这条回答我已不再保留。请用 /aibrief 重新提问。",
        "Ya no tengo esa respuesta. Vuelve a preguntar con /aibrief.",
        "Diese Antwort habe ich nicht mehr. Bitte frag noch einmal mit /aibrief.",
        "その回答はもう保存していません。/aibrief でもう一度質問してください。",
    ),
    phrases.SLOWER: (
        "一下子太多了。请等几秒再问。",
        "Eso fue mucho de una vez. Espera unos segundos y vuelve a preguntar.",
        "Das war viel auf einmal. Bitte warte ein paar Sekunden und frag dann noch einmal.",
        "一度に多すぎます。数秒待ってからもう一度質問してください。",
    ),
    phrases.TROUBLE: (
        "我这边出了问题。请稍后再试。",
        "Algo falló por mi parte. Inténtalo de nuevo en un momento.",
        "Bei mir ist etwas schiefgegangen. Bitte versuch es gleich noch einmal.",
        "こちらで問題が起きました。しばらくしてからもう一度お試しください。",
    ),
    phrases.NOTICES["will-tell"]: (
        "简报中有相关内容时，我会私信通知您。",
        "Te enviaré un mensaje directo cuando las fichas lo cubran.",
        "Ich schreibe dir eine Direktnachricht, sobald die Briefings etwas dazu haben.",
        "ブリーフに載ったらダイレクトメッセージでお知らせします。",
    ),
    phrases.NOTICES["tells-already"]: (
        "按您的要求，简报中有相关内容时您会收到私信。",
        "Como pediste, recibirás un mensaje directo cuando las fichas lo cubran.",
        "Wie gewünscht bekommst du eine Direktnachricht, sobald die Briefings etwas dazu haben.",
        "ご希望どおり、ブリーフに載ったらダイレクトメッセージが届きます。",
    ),
    phrases.NOTICES["covered-by-now"]: (
        "简报中现在已有相关内容。请再问一次。",
        "Las fichas ya lo cubren. Vuelve a preguntar.",
        "Die Briefings haben inzwischen etwas dazu. Bitte frag noch einmal.",
        "今はブリーフに載っています。もう一度質問してください。",
    ),
    phrases.NOTICES["tells-not"]: (
        "这个问题我已不再保留。请重新提问后再按按钮。",
        "Ya no guardo esa pregunta. Pregunta de nuevo y pulsa entonces el botón.",
        "Diese Frage habe ich nicht mehr. Bitte stell sie noch einmal und drück dann den Knopf.",
        "その質問はもう保存していません。もう一度質問してからボタンを押してください。",
    ),
    phrases.NOTICES["already-shared"]: (
        "刚刚已经分享过了。",
        "Esto se compartió hace un momento.",
        "Das wurde gerade schon geteilt.",
        "これはたった今共有されました。",
    ),
    phrases.NOTICES["old-button"]: (
        "这个按钮来自我的旧版本。请重新提问。",
        "Ese botón es de una versión anterior. Vuelve a preguntar.",
        "Dieser Knopf stammt aus einer früheren Version von mir. Bitte frag noch einmal.",
        "そのボタンは以前のバージョンのものです。もう一度質問してください。",
    ),
    phrases.NOTICES["old-command"]: (
        "该命令已更改。请重新加载 Discord，或用 /aibrief 提问。",
        "Ese comando ha cambiado. Recarga Discord o pregunta con /aibrief.",
        "Dieser Befehl hat sich geändert. Bitte lade Discord neu oder frag mit /aibrief.",
        "そのコマンドは変更されました。Discord を再読み込みするか、/aibrief で質問してください。",
    ),
    phrases.NOTICES["no-text"]: (
        "那条消息里没有可以查询的文字。",
        "Ese mensaje no tiene texto que pueda buscar.",
        "In dieser Nachricht steht kein Text, den ich nachschlagen könnte.",
        "そのメッセージには調べられる文章がありません。",
    ),
}
"""An English text -> the same in the other languages, in the order of `_OTHERS`."""


def translate(text: str, language: str) -> str:
    """A text of ours in a language; as it is where there is no other."""
    others = _TEXTS.get(text)
    return others[_OTHERS.index(language)] if others and language in _OTHERS else text
