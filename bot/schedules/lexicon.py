"""The words of time that people write, in the five languages of the product, by meaning.

Data of `schedules.words`: kind -> value -> forms, separated by commas. Forms may have several
words; the longest that fits is read. A form of kind `unclear` is a word of time that has no one
meaning here: it is asked about, never taken for content.
"""

from __future__ import annotations

from typing import Final

_WEEK = (
    "monday mondays mon mons montag montags lunes 周一 星期一 礼拜一 週一 月曜日 月曜",
    "tuesday tuesdays tue tues dienstag dienstags martes 周二 星期二 礼拜二 週二 火曜日 火曜",
    "wednesday wednesdays wed weds mittwoch mittwochs miércoles miercoles 周三 星期三 礼拜三 週三 "
    "水曜日 水曜",
    "thursday thursdays thu thur thurs donnerstag donnerstags jueves 周四 星期四 礼拜四 週四 "
    "木曜日 木曜",
    "friday fridays fri freitag freitags viernes 周五 星期五 礼拜五 週五 金曜日 金曜",
    "saturday saturdays sat samstag samstags sonnabend sonnabends sábado sábados sabado sabados "
    "周六 星期六 礼拜六 週六 土曜日 土曜",
    "sunday sundays sun sonntag sonntags domingo domingos 周日 星期日 星期天 礼拜天 周天 週日 日曜日 日曜",
)
_MONTHS = (
    "january jan januar jänner enero",
    "february feb februar febrero",
    "march mar märz marzo",
    "april apr abril",
    "may mai mayo",
    "june jun juni junio",
    "july jul juli julio",
    "august aug agosto",
    "september sep sept septiembre",
    "october oct oktober octubre",
    "november nov noviembre",
    "december dec dezember diciembre",
)
_NUMBERS = (
    "one",
    "two zwei dos 两 二",
    "three drei tres 三",
    "four vier cuatro 四",
    "five fünf cinco 五",
    "six sechs seis 六",
    "seven sieben siete 七",
    "eight acht ocho 八",
    "nine neun nueve 九",
    "ten zehn diez 十",
    "eleven elf",
    "twelve zwölf doce",
)
_TENS: Final[dict[object, str]] = {
    15: "fifteen",
    20: "twenty",
    30: "thirty",
    40: "forty",
    45: "forty-five",
    50: "fifty",
}


def _spaced(rows: tuple[str, ...], first: int) -> dict[object, str]:
    return {number: row.replace(" ", ",") for number, row in enumerate(rows, first)}


FORMS: Final[dict[str, dict[object, str]]] = {
    "day": _spaced(_WEEK, 0),
    "month": _spaced(_MONTHS, 1),
    "number": _spaced(_NUMBERS, 1) | _TENS,
    "days": {
        (0, 1, 2, 3, 4): "weekday,weekdays,week days,workday,workdays,work days,working day,"
        "working days,business day,business days,m-f,wochentag,wochentags,día laborable,"
        "días laborables,dias laborables,días hábiles,dias habiles,entre semana,工作日,平日",
        (5, 6): "weekend,weekends,week-end,week-ends,wochenende,wochenenden,fin de semana,"
        "fines de semana,周末,週末",
        (0, 2, 4): "mwf",
    },
    "nth": {
        1: "first,erster,erste,ersten,erstes,primer,primero,primera,第一个,第1",
        2: "second,zweiter,zweite,zweiten,zweites,segundo,segunda,第二个,第2",
        3: "third,dritter,dritte,dritten,drittes,tercer,tercero,tercera,第三个,第3",
        4: "fourth,vierter,vierte,vierten,viertes,cuarto,cuarta,第四个,第4",
        5: "fifth,fünfter,fünfte,fünften,quinto,quinta",
        -1: "last,final,letzter,letzte,letzten,letztes,último,última,ultimo,ultima,最后一个,最終,最後の",
        -2: "second to last,second-to-last,second last,second-last,next to last,next-to-last,"
        "last but one,penultimate,vorletzter,vorletzte,vorletzten,penúltimo,penúltima",
        -3: "third to last,third-to-last,last but two",
    },
    "every": {
        1: "every single,every,each,all,alle,jeden,jede,jedes,jeder,cada,todos los,todas las,每,毎"
    },
    "other": {2: "other,alternate,alternating"},
    "often": {
        (
            1,
            "day",
        ): "daily,everyday,täglich,taeglich,diario,diariamente,a diario,每天,每日,毎日,天天",
        (1, "week"): "weekly,wöchentlich,semanal,semanalmente",
        (2, "week"): "fortnightly,vierzehntäglich,quincenal,隔周,隔週",
        (1, "month"): "monthly,monatlich,mensual,mensualmente,每月,每个月,毎月",
        (1, "quarter"): "quarterly,vierteljährlich,trimestral,trimestralmente,每季度",
        (1, "year"): "yearly,annually,jährlich,anual,anualmente,每年,毎年",
        (1, "hour"): "hourly,stündlich,每小时,毎時",
    },
    "unit": {
        "minute": "minute,minutes,min,mins,minuten,minuto,minutos,分钟",
        "hour": "hour,hours,stunde,stunden,hora,horas,小时,小時,時間",
        "day": "day,days,tag,tage,tagen,día,días,dia,dias,天",
        "week": "week,weeks,woche,wochen,semana,semanas,星期,周,週間,週",
        "fortnight": "fortnight,fortnights,quincena",
        "month": "month,months,monat,monate,monaten,monats,mes,meses,个月,か月,ヶ月",
        "quarter": "quarter,quarters,quartal,quartale,trimestre,季度",
        "year": "year,years,jahr,jahre,jahren,año,años",
    },
    "half": {
        "morning": "morning,mornings,morgens,vormittags,por la mañana,早上,早晨,朝",
        "afternoon": "afternoon,afternoons,nachmittags",
        "evening": "evening,evenings,abends,晚上,夕方",
        "night": "night,nights,nachts,de la noche,por la noche,夜",
    },
    "ampm": {
        "am": "am,a.m.,a.m,a. m.,de la mañana,上午,午前",
        "pm": "pm,p.m.,p.m,p. m.,de la tarde,por la tarde,下午,午後",
    },
    "named": {
        12: "12 noon,12noon,noon,midday,mittags,mediodía,mediodia,正午,中午",
        0: "12 midnight,midnight,mitternacht,mitternachts,medianoche,午夜,真夜中",
    },
    "oclock": {1: "o'clock,oclock,o’clock,uhr,hrs,点钟,点,點,時"},
    "at": {1: "at,@,um,a las,a la"},
    "past": {1: "past,nach"},
    "part": {30: "half", 15: "a quarter,viertel"},
    "and": {1: "and on,and at,and,&,+,und,y,以及,和,と,、"},
    "to": {1: "to,through,thru,-,–,—,bis,到,至,~,〜"},
    "except": {
        1: "except for,except on,except,but,excepting,excluding,other than,but not on,but not,without,"
        "not on,not,skipping,skip,apart from,außer,ausser,ohne,nicht,excepto,salvo,sin,menos,除了,"
        "以外,除く"
    },
    "until": {
        1: "until,till,up to,ending on,ending,ends on,ends,bis zum,hasta el,hasta,直到,まで"
    },
    "from": {
        1: "starting from,starting on,starting,beginning on,beginning,effective,as of,from,ab dem,"
        "ab,von,a partir de,a partir del,desde el,desde,从,から"
    },
    "between": {1: "between,zwischen,entre las"},
    "for": {1: "for the next,for,over the next,für,durante,por"},
    "times": {1: "times,time,mal,veces,回"},
    "once": {
        1: "only once,just once,exactly once,one time only,once only,once,one-off,one time,"
        "nur einmal,einmal,una sola vez,solo una vez,una vez,一次,一回だけ,一回"
    },
    "twice": {2: "twice,zweimal,dos veces"},
    "a": {1: "a,an"},
    "per": {1: "per,pro,al"},
    "next": {
        1: "this coming,coming,upcoming,next,nächster,nächste,nächsten,kommenden,kommender,"
        "el próximo,próximo,próxima,proximo,下个,来週の"
    },
    "this": {1: "this,diesen,dieser,este,esta"},
    "in": {1: "in,en,dentro de"},
    "relative": {
        0: "today,heute,hoy,今天,今日",
        1: "tomorrow,tmrw,morgen,mañana,明天,明日",
        2: "day after tomorrow,the day after tomorrow,übermorgen,pasado mañana,后天,明後日",
    },
    "tonight": {0: "tonight,heute abend,esta noche,今晚,今夜"},
    "monthend": {
        -1: "end of month,end of the month,end of each month,end of every month,month end,month-end,"
        "monatsende,fin de mes,月末,月底",
        1: "start of the month,start of month,beginning of the month,beginning of month,"
        "monatsanfang,principio de mes,月初",
    },
    "ofmonth": {
        1: "of the month,of every month,of each month,of a month,in the month,in every month,"
        "in each month,des monats,jeden monats,"
        "im monat,del mes,de cada mes"
    },
    "glue": {
        1: "only on,only,just,on,the,of,den,dem,der,die,das,des,el,los,las,la,del,de,im,zum,的,の,に"
    },
    "unclear": {
        1: "biweekly,bi-weekly,bimonthly,bi-monthly,semiweekly,semi-weekly,semimonthly,semi-monthly,"
        "biannually,thrice,holiday,holidays,public holidays,bank holidays,christmas,easter,"
        "new year,feiertag,feiertage,feiertags,feiertagen,festivos,festivo,feriados,werktag,werktags,"
        "werktagen,noonish,eod,cob,end of day,end of the day,start of day,close of business,"
        "end of week,end of the week,asap,dawn,dusk,sunrise,sunset,lunchtime,lunch,breakfast,"
        "occasionally,sometimes,regularly,frequently,periodically,midweek,mid-month,"
        "quarter-end,year-end,tth,halb,madrugada,平时,节假日,祝日,休日,时不时,偶尔,ときどき,seconds"
    },
}
"""Kind -> value -> forms."""

FUZZY_DAYS: Final = tuple(
    "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays "
    "thursdays fridays saturdays sundays weekday weekdays weekend weekends montags dienstags "
    "mittwochs donnerstags freitags samstags sonntags".split()
)
FUZZY: Final = tuple(
    "weekly monthly tomorrow midnight fortnightly fortnight miércoles except quarterly everyday "
    "hourly until starting".split()
)
"""Forms that are understood misspelt as well."""

QUESTION_WORDS: Final = frozenset(
    "what what's whats who who's whom whose when where why which how how's is are was were do does "
    "did can could will would should shall has have had may might must am tell explain compare "
    "summarize summarise describe list show give any anything is there "
    "qué que quién quien quiénes cómo como cuándo cuando dónde donde por cuál cual cuáles compara "
    "resume explica dime hay es son "
    "was wer wie wann wo warum wieso welche welcher welches welchen wohin gibt ist sind hat haben "
    "kann wird werden vergleiche vergleich erkläre fasse zeige sag".split()
)
"""What a question or a request begins with."""
