"""Agents and what they can, shifts, presence, work items, offers, decisions, policies."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import routing.models.agent


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tickets", "0003_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Agent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "works_from",
                    models.CharField(
                        choices=[("home", "at home"), ("office", "in the office")],
                        default="office",
                        max_length=6,
                        verbose_name="works",
                    ),
                ),
                (
                    "region",
                    models.CharField(
                        blank=True,
                        help_text="Where work that may not leave a region can go.",
                        max_length=40,
                        verbose_name="region",
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        default="Europe/Paris",
                        max_length=40,
                        validators=[routing.models.agent.check_time_zone],
                        verbose_name="time zone",
                    ),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[("en", "English"), ("fr", "French")], max_length=2
                        ),
                        blank=True,
                        default=list,
                        verbose_name="languages",
                    ),
                ),
                (
                    "clearances",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        verbose_name="clearances",
                    ),
                ),
                (
                    "schedule",
                    models.CharField(
                        choices=[("free", "whenever signed in"), ("planned", "by planned shifts")],
                        default="free",
                        max_length=7,
                        verbose_name="works",
                    ),
                ),
                (
                    "stays_late",
                    models.BooleanField(
                        default=False,
                        help_text="Otherwise none begins that would usually last longer than the shift.",
                        verbose_name="takes calls and chats until the last minute",
                    ),
                ),
                (
                    "chat_limit",
                    models.PositiveSmallIntegerField(
                        default=2,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3),
                        ],
                        verbose_name="chats at a time",
                    ),
                ),
                (
                    "places",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="How many open tickets at most wait for this person.",
                        verbose_name="places",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="is given work")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="agent",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "agent",
                "verbose_name_plural": "agents",
            },
        ),
        migrations.CreateModel(
            name="RelationshipMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("read_until", models.DateTimeField()),
            ],
            options={
                "verbose_name": "relationship mark",
                "verbose_name_plural": "relationship marks",
            },
        ),
        migrations.CreateModel(
            name="Skill",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name_en", models.CharField(blank=True, max_length=120, verbose_name="name in English")),
                ("name_fr", models.CharField(blank=True, max_length=120, verbose_name="name in French")),
                ("slug", models.SlugField(unique=True, verbose_name="short name")),
            ],
            options={
                "verbose_name": "skill",
                "verbose_name_plural": "skills",
                "ordering": ["slug"],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("engine", "chosen by routing"),
                            ("taken", "taken by the person"),
                            ("assigned", "assigned by a person"),
                            ("handed_over", "handed over"),
                            ("kept", "stays with the same person"),
                            ("released", "given back"),
                            ("returned", "taken back by routing"),
                            ("refused", "refused"),
                        ],
                        max_length=11,
                        verbose_name="how",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=40, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("policy_version", models.PositiveIntegerField(default=0)),
                ("policy_hash", models.CharField(blank=True, max_length=12)),
                (
                    "effort_seconds",
                    models.PositiveIntegerField(default=0, verbose_name="expected effort in seconds"),
                ),
                ("wish_id", models.BigIntegerField(blank=True, null=True)),
                ("data", models.JSONField(blank=True, default=dict)),
                (
                    "agent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="decisions",
                        to="routing.agent",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "decision",
                "verbose_name_plural": "decisions",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Leave",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "during",
                    django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="from and until"),
                ),
                ("note", models.CharField(blank=True, max_length=120, verbose_name="note")),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="leaves", to="routing.agent"
                    ),
                ),
            ],
            options={
                "verbose_name": "leave",
                "verbose_name_plural": "leaves",
                "ordering": ["during"],
            },
        ),
        migrations.CreateModel(
            name="Policy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(unique=True, verbose_name="version")),
                (
                    "parameters",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="What differs from the defaults, as JSON.",
                        verbose_name="parameters",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="what changes and why")),
                ("is_active", models.BooleanField(default=False, verbose_name="in force")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="made",
                    ),
                ),
            ],
            options={
                "verbose_name": "routing policy",
                "verbose_name_plural": "routing policies",
                "ordering": ["-version"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_active", True)),
                        fields=("is_active",),
                        name="one_policy_in_force",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PresenceSpan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("available", "available"),
                            ("focus", "focus"),
                            ("away", "away"),
                            ("offline", "offline"),
                        ],
                        max_length=9,
                    ),
                ),
                ("works_from", models.CharField(max_length=6)),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="presence_spans",
                        to="routing.agent",
                    ),
                ),
            ],
            options={
                "verbose_name": "presence span",
                "verbose_name_plural": "presence spans",
                "ordering": ["during"],
            },
        ),
        migrations.CreateModel(
            name="QueueRules",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "weight",
                    models.FloatField(
                        default=1.0,
                        help_text="2 makes each minute of waiting count twice.",
                        validators=[django.core.validators.MinValueValidator(0.1)],
                        verbose_name="weight",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("required", "a must"), ("wanted", "a wish"), ("any", "of no matter")],
                        default="wanted",
                        max_length=8,
                        verbose_name="the customer's language is",
                    ),
                ),
                ("region", models.CharField(blank=True, max_length=40, verbose_name="stays in region")),
                (
                    "clearances",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        verbose_name="needs clearances",
                    ),
                ),
                (
                    "queue",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rules", to="tickets.queue"
                    ),
                ),
            ],
            options={
                "verbose_name": "routing rules of a queue",
                "verbose_name_plural": "routing rules of queues",
            },
        ),
        migrations.CreateModel(
            name="Relationship",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("times", models.PositiveIntegerField(verbose_name="tickets answered")),
                ("first_at", models.DateTimeField(verbose_name="first")),
                ("last_at", models.DateTimeField(verbose_name="last")),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="relationships",
                        to="routing.agent",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="relationships",
                        to="tickets.customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "relationship",
                "verbose_name_plural": "relationships",
            },
        ),
        migrations.CreateModel(
            name="ShiftPattern",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "weekday",
                    models.SmallIntegerField(
                        choices=[
                            (0, "Monday"),
                            (1, "Tuesday"),
                            (2, "Wednesday"),
                            (3, "Thursday"),
                            (4, "Friday"),
                            (5, "Saturday"),
                            (6, "Sunday"),
                        ],
                        verbose_name="weekday",
                    ),
                ),
                ("starts", models.TimeField(verbose_name="from")),
                ("ends", models.TimeField(verbose_name="until")),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="first day")),
                ("valid_until", models.DateField(blank=True, null=True, verbose_name="last day")),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="patterns",
                        to="routing.agent",
                    ),
                ),
            ],
            options={
                "verbose_name": "weekly shift",
                "verbose_name_plural": "weekly shifts",
                "ordering": ["weekday", "starts"],
            },
        ),
        migrations.CreateModel(
            name="Shift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "during",
                    django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="from and until"),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shifts", to="routing.agent"
                    ),
                ),
                (
                    "pattern",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shifts",
                        to="routing.shiftpattern",
                    ),
                ),
            ],
            options={
                "verbose_name": "shift",
                "verbose_name_plural": "shifts",
                "ordering": ["during"],
            },
        ),
        migrations.CreateModel(
            name="QueueSkill",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "required_level",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="A must, however long the customer waits. 0: none.",
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="required level",
                    ),
                ),
                (
                    "wanted_level",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="A wish that gets smaller while the customer waits. 0: none.",
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="wanted level",
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="skills", to="tickets.queue"
                    ),
                ),
                (
                    "skill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="queues", to="routing.skill"
                    ),
                ),
            ],
            options={
                "verbose_name": "queue's skill",
                "verbose_name_plural": "queues' skills",
            },
        ),
        migrations.CreateModel(
            name="AgentSkill",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        default=3,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="level (0 to 5)",
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="skills", to="routing.agent"
                    ),
                ),
                (
                    "skill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="agents", to="routing.skill"
                    ),
                ),
            ],
            options={
                "verbose_name": "agent's skill",
                "verbose_name_plural": "agents' skills",
            },
        ),
        migrations.CreateModel(
            name="WorkItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ticket", "a ticket's turn"),
                            ("missed_call", "missed call"),
                            ("chat", "chat"),
                            ("callback", "call back"),
                            ("follow_up", "follow-up"),
                        ],
                        max_length=11,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waits for a person"),
                            ("offered", "offered"),
                            ("taken", "with a person"),
                            ("closed", "done"),
                        ],
                        default="waiting",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                ("hold_until", models.DateTimeField(blank=True, null=True)),
                ("eligible_at", models.DateTimeField(verbose_name="waits since")),
                ("given_at", models.DateTimeField(blank=True, null=True, verbose_name="taken")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="done")),
                ("returns", models.PositiveSmallIntegerField(default=0, verbose_name="offers without a yes")),
                ("version", models.PositiveIntegerField(default=0)),
                ("waiting_why", models.JSONField(blank=True, default=dict)),
                (
                    "agent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_items",
                        to="routing.agent",
                    ),
                ),
                (
                    "callback",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="work_item",
                        to="tickets.callback",
                    ),
                ),
                (
                    "hold_agent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="routing.agent",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="routing.agent",
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_items",
                        to="tickets.queue",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="work_items",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "verbose_name": "work item",
                "verbose_name_plural": "work items",
            },
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("offered", "offered"),
                            ("accepted", "accepted"),
                            ("declined", "declined"),
                            ("expired", "not answered"),
                            ("returned", "taken back"),
                        ],
                        default="offered",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("break", "I need a break"),
                            ("busy", "I am in the middle of something"),
                            ("skill", "I do not know this well enough"),
                            ("other", "another reason"),
                        ],
                        max_length=8,
                        verbose_name="reason",
                    ),
                ),
                ("offered_at", models.DateTimeField(verbose_name="offered")),
                ("expires_at", models.DateTimeField(verbose_name="stands until")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="offers", to="routing.agent"
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="routing.decision",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="offers",
                        to="routing.workitem",
                    ),
                ),
            ],
            options={
                "verbose_name": "offer",
                "verbose_name_plural": "offers",
                "ordering": ["-offered_at"],
            },
        ),
        migrations.AddField(
            model_name="decision",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="decisions", to="routing.workitem"
            ),
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                (
                    "agent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="presence",
                        serialize=False,
                        to="routing.agent",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("available", "available"),
                            ("focus", "focus"),
                            ("away", "away"),
                            ("offline", "offline"),
                        ],
                        default="offline",
                        max_length=9,
                        verbose_name="status",
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="since")),
                ("return_at", models.DateTimeField(blank=True, null=True, verbose_name="back at")),
                ("seen_at", models.DateTimeField(blank=True, null=True, verbose_name="last heard of")),
                ("is_connected", models.BooleanField(default=False, verbose_name="connected")),
                ("version", models.PositiveIntegerField(default=0)),
                ("free_units", models.SmallIntegerField(default=100)),
                ("last_contact_at", models.DateTimeField(blank=True, null=True)),
                ("last_live_at", models.DateTimeField(blank=True, null=True)),
                ("elder_credit", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "verbose_name": "presence",
                "verbose_name_plural": "presences",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("free_units__range", (0, 100))), name="presence_units_free"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="agent",
            constraint=models.CheckConstraint(
                condition=models.Q(("chat_limit__range", (1, 3))), name="agent_one_to_three_chats"
            ),
        ),
        migrations.AddConstraint(
            model_name="leave",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("agent", "="), ("during", "&&")],
                name="leaves_do_not_overlap",
                violation_error_message="This person is already on leave at that time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="leave",
            constraint=models.CheckConstraint(
                condition=models.Q(("during__isempty", False)), name="leave_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="presencespan",
            constraint=models.CheckConstraint(
                condition=models.Q(("during__isempty", False)), name="presence_span_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="presencespan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("during__upper_inf", True)),
                fields=("agent",),
                name="one_open_presence_span",
            ),
        ),
        migrations.AddConstraint(
            model_name="queuerules",
            constraint=models.CheckConstraint(
                condition=models.Q(("weight__gt", 0)), name="queue_weight_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="relationship",
            constraint=models.UniqueConstraint(fields=("customer", "agent"), name="relationship_once"),
        ),
        migrations.AddConstraint(
            model_name="shiftpattern",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts", models.F("ends")), _negated=True),
                name="shift_pattern_not_empty",
            ),
        ),
        migrations.AddConstraint(
            model_name="shift",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("agent", "="), ("during", "&&")],
                name="shifts_do_not_overlap",
                violation_error_message="This person already works at that time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="shift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("during__isempty", False), ("during__lower_inf", False), ("during__upper_inf", False)
                ),
                name="shift_begins_and_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="queueskill",
            constraint=models.UniqueConstraint(fields=("queue", "skill"), name="queue_skill_once"),
        ),
        migrations.AddConstraint(
            model_name="queueskill",
            constraint=models.CheckConstraint(
                condition=models.Q(("required_level__range", (0, 5)), ("wanted_level__range", (0, 5))),
                name="queue_skill_levels",
            ),
        ),
        migrations.AddConstraint(
            model_name="agentskill",
            constraint=models.UniqueConstraint(fields=("agent", "skill"), name="agent_skill_once"),
        ),
        migrations.AddConstraint(
            model_name="agentskill",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__range", (0, 5))), name="agent_skill_level"
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["eligible_at"], name="work_item_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                condition=models.Q(("state__in", ("offered", "taken"))),
                fields=["agent"],
                name="work_item_with_agent",
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(fields=["queue", "given_at"], name="work_item_given"),
        ),
        migrations.AddConstraint(
            model_name="workitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ("ticket", "missed_call"))),
                fields=("ticket",),
                name="one_turn_a_ticket",
            ),
        ),
        migrations.AddConstraint(
            model_name="workitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("kind__in", ("chat", "follow_up")), models.Q(("state", "closed"), _negated=True)
                ),
                fields=("ticket", "kind"),
                name="one_open_item_of_a_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="workitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agent", None), ("state__in", ("waiting", "closed"))),
                    models.Q(("agent__isnull", False), ("state__in", ("offered", "taken"))),
                    _connector="OR",
                ),
                name="work_item_agent_fits_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="workitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("callback__isnull", False), ("kind", "callback")),
                    models.Q(models.Q(("kind", "callback"), _negated=True), ("callback", None)),
                    _connector="OR",
                ),
                name="work_item_callback_fits_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(
                condition=models.Q(("state", "offered")), fields=["expires_at"], name="offer_standing"
            ),
        ),
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(fields=["item", "answered_at"], name="offer_by_item"),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("offered", "accepted"))),
                fields=("item",),
                name="one_offer_an_item",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "offered")), fields=("agent",), name="one_offer_an_agent"
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["item", "-id"], name="decision_by_item"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["agent", "at"], name="decision_by_agent"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("wish_id", None), _negated=True),
                fields=("wish_id",),
                name="a_wish_is_answered_once",
            ),
        ),
    ]
