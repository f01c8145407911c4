"""Native formulas of the evaluation: one picked customer, weights and scores by dimension.

The page's columns are named areas of their own, and each formula draws on other columns only: INDEX over an area that
holds the formula itself would be a circular reference. Customers, indicators and bands are found with EXACT; MATCH on
the texts themselves would take `A*` for a pattern.
"""

from __future__ import annotations

from collections.abc import Mapping

from crm_xl.analysis.scores import ENOUGH
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.labels import label
from crm_xl.vocabulary.texts import text

from .formulas import Native, column_reference, profile_formulas, quoted

Headers = Mapping[str, str]
"""Field key -> header of a table."""

PAGE_TABLES: dict[str, tuple[str, ...]] = {
    "Scores": ("customer_id", "customer_name", "score"),
    "Indicators": ("dimension", "indicator", "weight", "data_source"),
    "Bands": ("indicator", "score", "behaviour"),
    "Levels": ("lower", "label"),
    "LevelPlan": ("level", "strategy"),
}
"""What the page draws on. A workbook without one of these columns shows values only."""

NO_EDGE = "-1E+300"
"""Stands for the empty edge: below every score."""


def page_cells(headers: Mapping[str, Headers], lang: Lang, *, functions: bool) -> dict[str, Native]:
    """Formulas of the page's single cells, by name."""

    def column(table: str, key: str) -> str:
        return f"{table}[{column_reference(headers[table][key])}]"

    def found(key: str) -> str:
        return f"MATCH(TRUE,EXACT({column('Scores', key)},EvaluationCustomer),0)"

    def say(key: str) -> str:
        return quoted(text(key, lang))

    incomplete = quoted(label("incomplete", lang))
    unseen = f"SUM(IF(EXACT(EvaluationScore,{say('evaluation_no_column')}),{_weights()},0))>0"
    names = column("Indicators", "indicator")
    too_many = f'SUM(IF({names}<>"",1,0))>SUM(IF(EvaluationIndicator<>"",1,0))'
    labels, lower = column("Levels", "label"), column("Levels", "lower")
    edges = f'IF({labels}="","",IF(ISNUMBER({lower}),ROUND({lower},9),{NO_EDGE}))'
    reached = f"MAX(IF(ISNUMBER({edges}),IF({edges}<=EvaluationTotal,{edges},{NO_EDGE}),{NO_EDGE}))"
    level = f'IFERROR(INDEX({labels},MATCH({reached},{edges},0))&"","")'
    higher = f'IF(ISNUMBER({edges}),IF({edges}>EvaluationTotal,{edges},""),"")'
    check = f'IF(EvaluationRow=0,"",INDEX({column("Scores", "score")},EvaluationRow))'
    if functions:
        # where the add-in is missing, the native way answers
        level = f"IFERROR(CUSTOMER_LEVEL(EvaluationTotal,Levels[],Lang),{level})"
        check = f"IFERROR(WEIGHTED_SCORE(EvaluationScore,EvaluationWeight),{check})"
    best = "MATCH(MAX(EvaluationGain),EvaluationGain,0)"
    condition = f"INDEX(EvaluationCondition,{best})"
    advice = (
        f'INDEX(EvaluationIndicator,{best})&{say("advice_reach")}&IF({condition}="",{say("advice_band")},{condition})'
        f'&{say("advice_points")}&TEXT(ROUND(MAX(EvaluationGain),1),"0.0")&{say("advice_points_end")}'
    )
    plan = f"MATCH(TRUE,EXACT({column('LevelPlan', 'level')},EvaluationLevel),0)"
    cells = {
        "EvaluationRow": f'IF(EvaluationCustomer="",0,IFERROR({found("customer_id")},IFERROR({found("customer_name")},0)))',
        "EvaluationName": 'IF(EvaluationCustomer="","",IF(EvaluationRow=0,'
        f'{say("evaluation_unknown")},INDEX({column("Scores", "customer_name")},EvaluationRow)&""))',
        "EvaluationBase": f"IF(OR(EvaluationRow=0,{unseen},{too_many}),-1,SUM({_scored('EvaluationWeight')}))",
        "EvaluationNote": f'IF({too_many},{say("evaluation_too_many")},"")',
        "EvaluationTotal": 'IF(EvaluationBase<=0,"",ROUND(ROUND(SUM(EvaluationPoints),9),2))',
        "EvaluationCompleteness": 'IF(EvaluationBase<0,"",IF(SUM(EvaluationWeight)=0,"",EvaluationBase/SUM(EvaluationWeight)))',
        "EvaluationLevel": f'IF(EvaluationBase<0,"",IF(EvaluationTotal="",{incomplete},'
        f"IF(ROUND(EvaluationCompleteness,9)<{ENOUGH},{incomplete},{level})))",
        "EvaluationGap": f'IF(EvaluationTotal="","",IF(OR(EvaluationLevel="",EXACT(EvaluationLevel,{incomplete})),"",'
        f"IF(COUNT({higher})=0,{say('evaluation_top')},ROUND(MIN({higher})-EvaluationTotal,9))))",
        "EvaluationCheck": f'IF(EvaluationTotal="","",{check})',
        "EvaluationAgrees": 'IF(EvaluationTotal="","",IF(ISNUMBER(EvaluationCheck),'
        f"IF(ABS(EvaluationTotal-EvaluationCheck)<0.005,{say('evaluation_agrees')},{say('evaluation_differs')}),"
        f"{say('evaluation_differs')}))",
        "EvaluationLift": f'IF(EvaluationTotal="","",IF(EXACT(EvaluationLevel,{incomplete}),{say("advice_data")},'
        f"IF(MAX(EvaluationGain)<=0,{say('advice_top')},{advice})))",
        "EvaluationStrategy": 'IF(EvaluationLevel="","",'
        f'IFERROR(INDEX({column("LevelPlan", "strategy")},{plan})&"",""))',
        "EvaluationSumWeight": "SUM(EvaluationWeight)",
        "EvaluationSumPoints": "EvaluationTotal",
    }
    return {name: Native(formula, True) for name, formula in cells.items()}


def page_row(headers: Mapping[str, Headers], lang: Lang, place: int, span: tuple[str, str]) -> dict[str, Native]:
    """Formulas of one row of the page, by the name of its column. `place`: row of Indicators, from 1; `span`: the
    first and last header of Scores."""

    def column(table: str, key: str) -> str:
        return f"{table}[{column_reference(headers[table][key])}]"

    def this(name: str) -> str:
        return f"INDEX({name},{place})"

    def told(key: str) -> str:
        cells = column("Indicators", key)
        return f'IF(ROWS({cells})<{place},"",TRIM(INDEX({cells},{place})))'

    name, score, weight = this("EvaluationIndicator"), this("EvaluationScore"), this("EvaluationWeight")
    # from the first column to the last: LibreOffice does not know [#Headers] alone
    first, last = (column_reference(header) for header in span)
    header = f"MATCH(TRUE,EXACT(Scores[[#Headers],[{first}]:[{last}]],{name}),0)"
    cell = f"INDEX(Scores[],EvaluationRow,{header})"
    shown = f'IF(ISNUMBER({cell}),IF({cell}>0,{cell},""),"")'
    no_column = quoted(text("evaluation_no_column", lang))
    weights = f"INDEX({column('Indicators', 'weight')},{place})"
    banded, points = column("Bands", "indicator"), column("Bands", "score")
    better = f'MIN(IF(EXACT(TRIM({banded}),{name}),IF(ISNUMBER({points}),IF({points}>{score},{points},""),""),""))'
    known = f"OR(EvaluationBase<=0,NOT(ISNUMBER({score})),NOT(ISNUMBER({weight})))"
    behaviour = f"INDEX({column('Bands', 'behaviour')},MATCH(1,EXACT(TRIM({banded}),{name})*({points}={better}),0))"
    cells = {
        "EvaluationDimension": told("dimension"),
        "EvaluationIndicator": told("indicator"),
        "EvaluationSource": told("data_source"),
        "EvaluationScore": f'IF({name}="","",IF(EvaluationRow=0,"",IF(ISNUMBER({header}),{shown},{no_column})))',
        "EvaluationWeight": f'IF({name}="","",IF(ISNUMBER({weights}),{weights},""))',
        "EvaluationPoints": f'IF({known},"",{score}*{weight}/EvaluationBase*20)',
        "EvaluationGain": f'IF({known},"",IF({better}=0,"",({better}-{score})*{weight}/EvaluationBase*20))',
        "EvaluationCondition": f"IF(EXACT({score},{no_column}),{quoted(text('evaluation_add_column', lang))},"
        f'IF(ISNUMBER({this("EvaluationGain")}),IFERROR({behaviour}&"",""),""))',
    }
    return {key: Native(formula, True) for key, formula in cells.items()}


def _weights() -> str:
    return "IF(ISNUMBER(EvaluationWeight),EvaluationWeight,0)"


def _scored(values: str) -> str:
    """The cells of a column where the indicator has both score and weight, else 0."""
    return f"IF(ISNUMBER(EvaluationScore),IF(ISNUMBER(EvaluationWeight),{values},0),0)"


def level_plan_formulas(headers: Headers, own: Headers, *, strategies: bool) -> dict[str, Native]:
    """Formulas of LevelPlan: the figures of a group profile, and with `strategies` our function."""
    found = profile_formulas(headers, own, table="LevelPlan", by="level")
    if strategies and {"level", "strategy"} <= own.keys():
        this = f"LevelPlan[[#This Row],[{column_reference(own['level'])}]]"
        found["strategy"] = Native(f'STRATEGY({this},"level",Strategies[],Lang)', False)
    return found


def dimension_scores(own: Headers) -> dict[str, Native]:
    """Formulas of DimensionScores: the mean score of a dimension weighted by its indicators, and their weight."""
    if "dimension" not in own:
        return {}
    mine = f"EXACT(EvaluationDimension,DimensionScores[[#This Row],[{column_reference(own['dimension'])}]])"
    weight = f"SUM(IF({mine},{_scored('EvaluationWeight')},0))"
    points = f"SUM(IF({mine},{_scored('EvaluationScore*EvaluationWeight')},0))"
    found = {
        "score": Native(f'IF({weight}=0,"",{points}/{weight})', True),
        "weight": Native(f"SUM(IF({mine},{_weights()},0))", True),
    }
    return {key: native for key, native in found.items() if key in own}


def dimension_weights(indicators: Headers, own: Headers) -> dict[str, Native]:
    """Formulas of DimensionWeights: weight and number of the indicators of a dimension."""
    if "dimension" not in own or not {"dimension", "weight"} <= indicators.keys():
        return {}
    names, weights = (f"Indicators[{column_reference(indicators[k])}]" for k in ("dimension", "weight"))
    mine = f"EXACT({names},DimensionWeights[[#This Row],[{column_reference(own['dimension'])}]])"
    found = {
        "weight": Native(f"SUM(IF({mine},IF(ISNUMBER({weights}),{weights},0),0))", True),
        "indicators": Native(f"SUM(IF({mine},1,0))", True),
    }
    return {key: native for key, native in found.items() if key in own}


def weight_cells(indicators: Headers, lang: Lang) -> dict[str, Native]:
    """The sum of all weights, and whether it is 100."""
    if "weight" not in indicators:
        return {}
    total = f"SUM(Indicators[{column_reference(indicators['weight'])}])"
    right, wrong = (quoted(text(f"indicators_total_{k}", lang)) for k in ("right", "wrong"))
    return {
        "IndicatorsTotal": Native(total, False),
        "IndicatorsState": Native(f"IF(ABS({total}-100)<0.000001,{right},{wrong})", False),
    }


def calibration_state(lang: Lang) -> Native:
    """Whether the next calibration is due."""
    due, waiting = (quoted(text(f"calibration_{k}", lang)) for k in ("due", "waiting"))
    return Native(f'IF(NextCalibration="","",IF(NextCalibration<=AsOf,{due},{waiting}))', False)
