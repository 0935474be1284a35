"""The people of the playground. Two of them share a name: ids are who they are."""

from playground.phone import Person

HANAKO = Person("line", "U4af498062900000000000000000000a1", "佐藤花子", "ja")
TARO = Person("line", "U4af498062900000000000000000000a2", "鈴木太郎", "ja")
MAI = Person("slack", "U0MAI00001", "山田舞", "ja")
KEN = Person("slack", "U0KEN00002", "Ken Adams", "en")
OTHER_HANAKO = Person("slack", "U0HANA0003", "佐藤花子", "ja")
EMMA = Person("line", "U4af4980629000000000000000000e1b2", "Emma Brown", "en")
OTHER_EMMA = Person("slack", "U0EMMA0004", "Emma Brown", "en")
AOI = Person("telegram", "700100", "高橋葵", "ja")
OLGA = Person("telegram", "700200", "Olga Petrova", "en")
ALEX = Person("telegram", "700300", "Alex Moore", "en")
SLACK_OPERATOR = Person("slack", "U0OPS00009", "運営 小林", "ja")
LINE_OPERATOR = Person("line", "U4af498062900000000000000000000f9", "運営 森", "ja")

PEOPLE = (HANAKO, TARO, EMMA, LINE_OPERATOR, MAI, KEN, OTHER_HANAKO, OTHER_EMMA, SLACK_OPERATOR, AOI, OLGA, ALEX)
OPERATORS = (AOI, ALEX, SLACK_OPERATOR, LINE_OPERATOR)
# Who plays the main story: client, worker, the other worker, operator. The other worker has the client's name.
CAST = (HANAKO, MAI, OTHER_HANAKO, AOI)
ENGLISH_CAST = (EMMA, KEN, OTHER_EMMA, ALEX)
