"""What a schema says of an event's form, in the same words for every format."""

from moorings.shapes.model import ANY, FieldShape, Shape
from moorings.shapes.reading import shape_of

__all__ = ["ANY", "FieldShape", "Shape", "shape_of"]
