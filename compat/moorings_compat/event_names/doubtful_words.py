"""Words that look like the past of a verb and are often something else."""

from moorings_compat.event_names.word_group import group

# Words that look like the past of a verb and are rather a noun at the end of a name; English cannot tell.
DOUBTFUL = group(
    """
    beat bet bit bore burst bust clad cost dove fit input knit lay led offset output preset rid shed slit spit spoke
    spread thought thrust upset
    """
)
DOUBTFUL_AFTER = {
    "left": group(
        """
        align arrow border bottom days far hours key lower margin minutes most move padding pan rotate scroll seats
        shift side slide swipe time top turn upper
        """
    ),
    "cut": group("crew hair short"),
    "set": group(
        """
        attribute box card change char character color colour command daemon data feature field file icon index
        instruction key mind node parameter problem question record replica result rule skill stateful sub super test
        tool training value working
        """
    ),
    "shot": group("blood gun head long moon mug screen snap"),
}
# The same, where it is a noun for certain.
NOUNS = group("rent wed wet")
NOUNS_AFTER = {
    "bound": group("east in inward lower north out outward south upper west"),
    "cast": group("down pod type"),
    "ground": group("back common fore high play under"),
    "saw": group("band chain hand jig"),
}
# Simple pasts that are rather a noun or an adjective with a noun after them: BandSawBlade.
NOUNS_BEFORE_NOUNS = group("bore dove lay rose saw spoke wove")
