"""Whether a series is whole."""

from publish.models import Notice, NumberSeries, ReservedNumber


def missing_serials(series: NumberSeries) -> list[int]:
    """Return the serials below the next one that neither a notice nor a reservation holds: [] in a whole series."""
    held = set(
        Notice.objects.filter(issuer_id=series.issuer_id, family=series.family, number_year=series.year).values_list(
            "number_serial", flat=True
        )
    )
    held |= set(ReservedNumber.objects.filter(series=series).values_list("serial", flat=True))
    return [serial for serial in range(1, series.next_serial) if serial not in held]
