"""What the panel's app writes for each question and answer; the study definition holds the same texts."""

PROFILE = {
    "phase": {"primary": "Primary", "secondary": "Secondary"},
    "funding": {"state": "State-funded", "independent": "Independent"},
    "governance": {
        "la_community": "LA community school",
        "la_other": "LA non-community school",
        "large_mat": "Large MAT (>3 schools)",
        "small_mat": "Small MAT (<=3 schools)",
        "single_academy": "Stand-alone academy",
    },
    "region": {
        "east": "East of England",
        "london": "London",
        "midlands": "Midlands",
        "north_west": "North West",
        "south_east": "South East",
        "south_west": "South West",
        "yorkshire_north_east": "Yorkshire and North East",
    },
    "fsm_quartile": {"q1": "Q1 (affluent)", "q2": "Q2", "q3": "Q3", "q4": "Q4 (deprived)"},
    "school_size_quartile": {"q1": "Q1 (small)", "q2": "Q2", "q3": "Q3", "q4": "Q4 (large)"},
    "ofsted": {"outstanding": "Outstanding", "good": "Good", "below_good": "RI / Inadequate"},
    "gender": {"female": "Female", "male": "Male", "not_said": "Prefer not to say"},
    "age_group": {"a20s": "Age in 20s", "a30s": "Age in 30s", "a40s": "Age in 40s", "a50s": "Age in 50s+"},
    "experience": {
        "under5": "Less than 5 years",
        "y5to10": "5-10 years",
        "y10to20": "10-20 years",
        "over20": "Over 20 years",
    },
    "role": {
        "classroom": "Classroom teacher",
        "middle": "Middle leader",
        "slt": "SLT excl. head",
        "head": "Headteacher",
        "other": "Other role",
    },
    "subject": {
        "eyfs_ks1": "EYFS and KS1",
        "ks2": "KS2",
        "english": "English",
        "maths": "Maths",
        "science": "Science",
        "humanities": "Humanities",
        "languages": "Languages",
        "arts": "Arts incl. D&T",
        "other": "Other incl. PE",
    },
    "urban_rural": {"urban": "Urban", "rural": "Rural"},
    "leader_mentoring": {
        "slt_mentor": "SLT mentor",
        "slt_other": "SLT non-mentor",
        "head_mentor": "Head mentor",
        "head_other": "Head non-mentor",
    },
}
"""Columns of every export after `user_id` and `asked_at`, and their values."""

NOT_RELEVANT = "Not relevant / cannot answer"

Q1 = "Have you mentored a trainee teacher since September?"
Q1_ANSWERS = {
    "now": "Yes, I am mentoring one now",
    "earlier": "Yes, earlier this school year",
    "past": "No, only in past school years",
    "never": "No, I have never mentored a trainee",
    "not_relevant": NOT_RELEVANT,
}

Q2 = "Which of these does your school provide for colleagues who mentor trainee teachers? Tick all that apply."
Q2_SEPARATOR = "; "
Q2_ANSWERS = {
    "protected_time": "Extra non-contact time, on top of the statutory minimum",
    "salary": "An addition to mentors' salary",
    "collaboration": "Meetings with mentors from other schools in our trust or area",
    "internal_training": "Mentor training run by our own staff",
    "external_training": "Mentor training run by an outside provider",
    "celebration": "Events that celebrate mentors' work",
    "recognition": "Public thanks - newsletter, website or assembly",
    "none": "None of these",
    "not_relevant": NOT_RELEVANT,
}

AGREEMENT = {
    "strongly_agree": "Strongly agree",
    "agree": "Agree",
    "neither": "Neither agree nor disagree",
    "disagree": "Disagree",
    "strongly_disagree": "Strongly disagree",
}

Q4 = "How far do you agree: I have enough time in the working week to mentor well."
Q4_ANSWERS = AGREEMENT | {"not_relevant": NOT_RELEVANT}

Q5 = "Where does most of your mentoring time come from?"
Q5_ANSWERS = {
    "timetabled": "Mentor time on my timetable",
    "planning": "My own planning and preparation time",
    "before_after": "Before or after the school day",
    "no_set_time": "No set time, whenever we can",
    "other": "Other",
    "not_relevant": NOT_RELEVANT,
}

Q6 = "How far do you agree: the mentor training I received suited my experience and my school."
Q6_ANSWERS = AGREEMENT | {"had_none": "I have had no mentor training"}

Q7 = "Which of these would help you most as a mentor?"
Q7_ANSWERS = {
    "protected_time": "More protected time",
    "training": "Training that fits what I need",
    "recognition": "The role being recognised in school",
    "pay": "Extra pay or an allowance",
    "collaboration": "Working with other mentors",
    "systems": "Simpler paperwork and online systems",
    "communication": "Clearer messages from the training provider",
    "nothing": "Nothing more is needed",
    "not_relevant": NOT_RELEVANT,
}

Q8 = "Has your school claimed the government's grant for training mentors?"
Q8_ANSWERS = {
    "claimed": "Yes, claimed",
    "planned": "Not yet, but we plan to",
    "not_claimed": "No, and we don't plan to",
    "dont_know": "Don't know",
    "not_relevant": NOT_RELEVANT,
}
