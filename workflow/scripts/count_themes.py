from pathlib import Path

from plait import tables
from plait.jobs import job
from plait.qualitative import transcripts
from plait.qualitative.case_matrix import case_themes, wide
from plait.qualitative.cautions import counting_notes
from plait.qualitative.cooccurrence import cooccurrence
from plait.qualitative.framework import framework, summaries_file
from plait.qualitative.saturation import saturation
from plait.qualitative.similarity import case_similarity
from plait.qualitative.themes import theme_counts
from plait.study import load_study

with job(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    settled = transcripts.read(Path(snakemake.input[0]).parent)
    cells = case_themes(settled, study.collections)
    similarity, levelled = case_similarity(settled, study.collections), saturation(settled, study.collections)
    file = summaries_file(study.definition.coded_text)
    found = {
        "themes": theme_counts(settled, study.collections),
        "counting_notes": counting_notes(settled, study.collections),
        "cooccurrence": cooccurrence(settled, study.collections),
        "saturation_curve": levelled.curve,
        "saturation": levelled.measure,
        "saturation_summary": levelled.summary,
        "case_themes": cells,
        "case_matrix": wide(cells, settled.cases),
        "case_similarity": similarity.pairs,
        "case_tree": similarity.tree,
        "framework": framework(settled, study.collections, study.summaries, file),
    }
    for name, table in found.items():
        tables.write_parquet(table, snakemake.output[name])
