"""審査: named rules with reason codes. A rule may hold a post for an operator, never reject it (trust.md section 1)."""

import re
import unicodedata

from engine.limits import LIMITS

YEN_PER_CHARACTER_MIN = 0.3

ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
CHARACTERS = re.compile(r"(\d[\d,]{2,8})(?=文?字)")
SPACE_BETWEEN_KANA = re.compile(r"(?<=[ぁ-んァ-ヶ一-龠])[\s・._\-]+(?=[ぁ-んァ-ヶ一-龠])")
KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}

# (reason code, pattern that raises it, look-alike that lifts it), over normalised text. Types: trust.md section 2.
RULES: tuple[tuple[str, str, str], ...] = (
    (
        "off_platform",
        r"(らいん|line|緑のあぷり|てれぐらむ|telegram|しぐなる|signal|discord|すかいぷ|skype|かかお|whatsapp)"
        r".{0,15}(id|追加|登録|検索|友だち|友達|qr|\badd\b|contact|message me)"
        r"|(add|contact|message|dm) me (on|at|via) (line|telegram|signal|whatsapp|discord)"
        r"|ここでは書け|lin\.ee|t\.me/|discord\.gg|forms\.gle|wa\.me|bit\.ly",
        r"やり取りは本さいと内|らいんすたんぷ|line ?すたんぷ|公式line構築|line公式あかうんと構築",
    ),
    (
        "off_platform",
        r"[\w.+-]+(@|あっと|あっとまーく|\(at\)|★)[\w-]+\.[a-z]{2,}",
        r"example\.(com|org|net)",
    ),
    ("off_platform", r"(?<!\d)0[5-9]0[-\s]?\d{4}[-\s]?\d{4}(?!\d)", r"isbn"),
    (
        "direct_deal",
        r"手数料.{0,10}(もったいない|引かれ|かからない|節約)|直接.{0,4}(契約|取引|振込|支払)|2回目以降は"
        r"|形だけ.{0,4}契約|個人間送金|pay ?pay.{0,6}(払|送)"
        r"|avoid (the )?fees?|pay you directly|outside (the )?platform",
        "",
    ),
    (
        "prepay",
        r"(登録料|保証金|教材費|受講料|きっと代|しすてむ利用料|出金手数料|解除費用|違約金)"
        r".{0,12}(負担|振込|先に|立替|支払)|電子まねー.{0,8}番号|すぐ元が取れ|registration fee|upfront (fee|deposit)",
        r"(費用|登録料|保証金).{0,8}(一切)?(かかりません|不要)",
    ),
    (
        "account_trade",
        r"(口座|あかうんと|垢|sim|携帯).{0,10}(買い?取|譲|貸して|貸与|れんたる|売って|代行開設)|認証こーど.{0,10}(送|教え)"
        r"|きゃっしゅかーど.{0,10}暗証|(rent|buy|sell).{0,12}(bank )?account",
        r"権限管理|解説",
    ),
    (
        "fake_review",
        r"(星5|★5|高評価|口こみ|れびゅー).{0,15}(来店していな|購入後返金|架空|なりき|やらせ|投稿してくれ)"
        r"|捨て垢|ふぉろわー.{0,4}増|fake reviews?",
        r"返信文",
    ),
    (
        "pii",
        r"(免許証|まいなんばー|身分証|通帳|かーど番号).{0,12}(写真|画像|送)|顔写真.{0,6}氏名|名簿.{0,4}買"
        r"|(photo|picture|copy) of your (id|passport|licen[cs]e)",
        r"匿名化|ui|でざいん",
    ),
    (
        "unpaid_test",
        r"(無報酬|無給|報酬なし|報酬は?ありません).{0,20}(てすと|記事|本)|てすと.{0,12}(無報酬|無給|報酬なし)"
        r"|仮払い前.{0,8}(作業|開始|お願い)|実績作り|unpaid (test|trial)",
        "",
    ),
    (
        "mlm_info",
        r"紹介料.{0,12}権利収入|権利収入|ねっとわーくびじねす|無料(説明会|せみなー).{0,12}(参加|招待)|元本保証|勝率\d+"
        r"|自動売買.{0,10}(稼|利益)|guaranteed (profit|returns?)",
        r"監修|構築",
    ),
    (
        "academic",
        r"(れぽーと|論文|卒論|宿題|感想文|試験|spi|玉手箱).{0,12}(代わりに|代行|代筆|私の名前|ばれ)"
        r"|write my (essay|thesis|homework)",
        r"校正|家庭教師",
    ),
    (
        "yami",
        r"(高額|即日|即金|ほわいと案件|りすくなし|日給[5-9]万|日給\d{2,}万).{0,40}(運び|受け取り|荷物|引き出し|回収|打ち子|送迎)"
        r"|(運び|受け取り|引き出し|打ち子).{0,40}(高額|即日|即金|ほわいと案件)|闇ばいと|詳細は当日",
        "",
    ),
    (
        "abuse_tools",
        r"captcha.{0,10}(突破|大量|solv)|画像認証.{0,8}大量|sms認証.{0,6}代行|ふぉーむ.{0,4}一斉送信",
        r"許可書",
    ),
    (
        "illegal_goods",
        r"証明書.{0,6}(再現|偽造)|印影.{0,6}再現|おんらいんかじの|医師監修.{0,6}(風|ということ)",
        "",
    ),
    (
        "self_affiliate",
        r"(指定|紹介).{0,4}(りんく|こーど|url).{0,15}(登録|発行|いんすとーる|申込|申し込|資料請求)"
        r"|sign up (through|with|via) (my|this) (referral|link)",
        "",
    ),
    (
        "deception",
        r"会員になりき|真偽は問わ|在籍確認|さくら(の|を)(仕事|募集|お願い)|事務局.{0,6}特別に許可",
        "",
    ),
    (
        "off_platform",
        r"直接ご?連絡(して|くだ|を)|(詳しい|詳細).{0,12}(らいん|line|てれぐらむ|telegram|しぐなる|signal|discord|外部)",
        r"やり取りは.{0,6}本さいと",
    ),
    ("direct_deal", r"(さいと|くらうどそーしんぐ|ぷらっとふぉーむ)を?(通さ|介さ|経由せ)|直取引|口座を直接", ""),
    (
        "prepay",
        r"(一旦|いったん|先に|最初に).{0,15}(立て?替え|負担)|(代金|費用|購入代).{0,8}立て?替え",
        r"(費用|負担).{0,8}(ありません|かかりません|不要)|実費支給",
    ),
    (
        "account_trade",
        r"名義.{0,15}(契約|開設).{0,20}(渡|譲|送)|(口座|あかうんと).{0,4}開設.{0,30}(渡し|譲|売)|(id|ぱすわーど).{0,20}引き渡",
        r"権限管理|解説",
    ),
    (
        "fake_review",
        r"体験談.{0,20}(架空|使っていな|受けたことがな)|架空.{0,10}(体験|口こみ|れびゅー)"
        r"|(ちゃんねる登録|高評価).{0,30}(すくりーんしょっと|すくしょ)",
        r"返信文",
    ),
    (
        "pii",
        r"(せきゅりてぃこーど|暗証番号|かーど番号).{0,25}(入力|送|教え)|家族の連絡先",
        r"匿名化|ui|でざいん|だみー",
    ),
    (
        "unpaid_test",
        r"採用時のみ|気に入れば.{0,12}(仮払い|支払)|(とらいある|てすと).{0,30}(無給|無報酬|報酬なし)|納品.{0,25}後日.{0,4}仮払い",
        r"こんぺ",
    ),
    (
        "mlm_info",
        r"(まにゅある|教材|商材|のうはう).{0,40}(ご?購入(いただ|して)|買って)|下の階層|稼げる.{0,10}のうはう|学びながら.{0,20}受講",
        r"監修|構築",
    ),
    (
        "copyright",
        r"こぴぺちぇっく.{0,8}(引っかから|ひっかから|回避)|無断.{0,4}転載|(反転|速度).{0,15}回避|再配布"
        r"|有料.{0,25}(配布|解除|共有)|らいせんす(認証)?を?.{0,4}(解除|外し|回避)",
        r"著作権は(当社|弊社)|らいせんす一覧|禁止",
    ),
    (
        "academic",
        r"(宿題|自由研究|提出課題|授業の.{0,4}課題|卒論).{0,40}(お願い|書いて|解いて|作って|清書|仕上げ)|課題を解いて",
        r"校正|家庭教師|書き方",
    ),
    (
        "yami",
        r"(詳しい|詳細).{0,10}当日|りすく(は|が)?(ほぼ)?(なし|あり?ません)|持ち逃げ|(受け取り|預か).{0,40}(転送|別の名前)"
        r"|体力に自信.{0,30}複数名|1回\d{2}万",
        r"所在地|会社名|当社|展示会|主催",
    ),
    (
        "abuse_tools",
        r"ちーと|購入制限.{0,6}回避|(抽選|ちけっと).{0,20}名義を?変え|検出回避|画像認証.{0,25}(入力|ひたすら)|捨て(gmail|めーる)",
        r"許可書|扱いません",
    ),
    ("illegal_goods", r"(弁護士|医師|税理士|司法書士)の名前で|(必ず|確実に)(痩せ|治)|正規品として", r"薬機法ちぇっく"),
    (
        "self_affiliate",
        r"(ぶろぐ|めーる|りんく|url)経由.{0,20}(購入|登録|申込|申し込)|めるまが(に|へ)?登録",
        r"(購入|登録|申し?込み?).{0,12}(不要|ありません|必要ありません)",
    ),
    (
        "deception",
        r"なりすま|別人に見え|口調を変え|担当(者)?を?名乗|(らいばる|競合).{0,40}書き込|名前を騙",
        r"対策|防止|明示",
    ),
    ("price_low", r"1文?字0\.[0-2]\d*円", ""),
)
LINKS_MAX = 5
LINK = re.compile(r"https?://|www\.|(?<![\w.])@\w")
LURES = ("off_platform", "direct_deal")
COMPILED = tuple((code, re.compile(yes), re.compile(no) if no else None) for code, yes, no in RULES)
CODES = tuple(
    dict.fromkeys((*(code for code, _, _ in RULES), "price_low", "too_many_posts", "links", "repeated", "operator"))
)


def normalised(text: str) -> str:
    """NFKC, no zero-width signs, katakana as hiragana, no spaces inside Japanese words: the usual disguises undone."""
    text = ZERO_WIDTH.sub("", unicodedata.normalize("NFKC", text)).casefold()
    text = text.translate(KATAKANA_TO_HIRAGANA)
    return SPACE_BETWEEN_KANA.sub("", text)


def reasons_in(plain: str) -> list[str]:
    return [code for code, yes, no in COMPILED if yes.search(plain) and not (no and no.search(plain))]


def links_in(text: str) -> int:
    """Links and mentions."""
    return len(LINK.findall(unicodedata.normalize("NFKC", text).casefold()))


def lures(text: str) -> bool:
    """A way around this place: contact details, or an invitation to deal or pay outside."""
    return not set(LURES).isdisjoint(reasons_in(normalised(text)))


def screen(text: str, price: int, posted_lately: int) -> tuple[str, ...]:
    """The reason codes that speak against publishing at once; empty when the post is clean.

    `price` in yen; `posted_lately` is the client's number of posts in the last hour."""
    plain = normalised(text)
    found = reasons_in(plain)
    if links_in(text) > LINKS_MAX:
        found.append("links")
    letters = max((int(n.replace(",", "")) for n in CHARACTERS.findall(plain)), default=0)
    if price < letters * YEN_PER_CHARACTER_MIN:
        found.append("price_low")
    if posted_lately >= LIMITS["jobs"].most:
        found.append("too_many_posts")
    return tuple(dict.fromkeys(found))
