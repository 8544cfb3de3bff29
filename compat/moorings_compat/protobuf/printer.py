"""A descriptor as `.proto` source, such that compiling the source gives an equal descriptor again.

Only the order of things that a descriptor keeps in one list matters to it: fields among fields, nested messages among
nested messages. Maps and groups belong to two lists, as a field and as a nested message, so they tie the two:
before a nested message is printed, so are the fields up to the one that declares it. With ``tied=False`` that is given
up and fields come first, which suits a normal form whose fields were sorted.

Names of types are written in full with their leading dot, so that no scope can change what they mean.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    Edition,
    EnumDescriptorProto,
    EnumValueDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    MethodDescriptorProto,
    OneofDescriptorProto,
    ServiceDescriptorProto,
    SymbolVisibility,
)
from google.protobuf.descriptor_pool import DescriptorPool

from moorings_compat.protobuf.literals import default_literal, identifier, quoted, valid_full_name
from moorings_compat.protobuf.names import default_json_name
from moorings_compat.protobuf.options import OptionReader

_TYPE_WORDS = {
    number: name.removeprefix("TYPE_").lower()
    for name, number in FieldDescriptorProto.Type.items()
    if name not in ("TYPE_MESSAGE", "TYPE_ENUM", "TYPE_GROUP")
}
_FIELD_END = 2**29
_MESSAGE_SET_END = 2**31 - 1
_ENUM_END = 2**31 - 1
_VISIBILITY = {
    SymbolVisibility.VISIBILITY_EXPORT: "export ",
    SymbolVisibility.VISIBILITY_LOCAL: "local ",
}
_HasOptions = (
    DescriptorProto
    | EnumDescriptorProto
    | EnumValueDescriptorProto
    | FieldDescriptorProto
    | FileDescriptorProto
    | MethodDescriptorProto
    | OneofDescriptorProto
    | ServiceDescriptorProto
    | DescriptorProto.ExtensionRange
)


def print_file(file: FileDescriptorProto, pool: DescriptorPool, *, tied: bool = True) -> str:
    """Write *file* as source; *pool* knows the extensions that its custom options use.

    Raises:
        Unprintable: the descriptor says something that source cannot.
    """
    return _Printer(file, OptionReader(pool), tied).text()


class _Printer:
    """One run over one file; collects lines."""

    def __init__(self, file: FileDescriptorProto, reader: OptionReader, tied: bool) -> None:
        self._file = file
        self._reader = reader
        self._tied = tied
        self._lines: list[str] = []
        self._indent = ""
        self._editions = file.syntax == "editions"

    def text(self) -> str:
        file = self._file
        self._head()
        scope = f".{file.package}" if file.package else ""
        for enum in file.enum_type:
            self._enum(enum)
        none = _Fields((), (), self._field_run)
        self._messages(file.message_type, none, _Fields(file.extension, (), self._extension_run), scope)
        for service in file.service:
            self._service(service)
        return "\n".join(self._lines) + "\n"

    def _head(self) -> None:
        file = self._file
        if self._editions:
            self._line(f'edition = "{Edition.Name(file.edition).removeprefix("EDITION_")}";')
        else:
            self._line(f'syntax = "{file.syntax or "proto2"}";')
        if file.package:
            self._line(f"package {valid_full_name(file.package)};")
        for index, path in enumerate(file.dependency):
            kind = "public " if index in file.public_dependency else "weak " if index in file.weak_dependency else ""
            self._line(f"import {kind}{quoted(path)};")
        for path in file.option_dependency:
            self._line(f"import option {quoted(path)};")
        if self._editions and file.edition >= Edition.EDITION_2024:
            # Naming style is checked by the compiler alone and never leaves the source, so it is not known here.
            self._line("option features.enforce_naming_style = STYLE_LEGACY;")
        self._option_lines(file)

    def _messages(
        self, messages: Sequence[DescriptorProto], fields: "_Fields", extensions: "_Fields", scope: str
    ) -> None:
        """Print nested messages in order, and around them the fields and extensions that some of them belong to."""
        bodies = {f"{scope}.{message.name}": message for message in messages}
        both = (fields, extensions)
        owners = {name: (one, index) for one in both for name, index in one.adopt(bodies)}
        if not self._tied:
            for one in both:
                one.print_all()
        for name, message in bodies.items():
            if name not in owners:
                self._message(message, scope)
                continue
            owner, index = owners[name]
            owner.print_to(index)
        for one in both:
            one.print_all()

    def _message(self, message: DescriptorProto, scope: str) -> None:
        self._line(f"{_VISIBILITY.get(message.visibility, '')}message {identifier(message.name)} {{")
        self._message_body(message, f"{scope}.{message.name}")
        self._line("}")

    def _message_body(self, message: DescriptorProto, scope: str) -> None:
        outside, self._indent = self._indent, self._indent + "  "
        self._option_lines(message)
        for enum in message.enum_type:
            self._enum(enum)
        fields = _Fields(message.field, message.oneof_decl, self._field_run)
        self._messages(message.nested_type, fields, _Fields(message.extension, (), self._extension_run), scope)
        for extension_range in message.extension_range:
            last = _last(extension_range.start, extension_range.end - 1, (_FIELD_END - 1, _MESSAGE_SET_END - 1))
            self._line(f"extensions {last}{self._bracketed(self._options(extension_range))};")
        ranges = [
            _last(one.start, one.end - 1, (_FIELD_END - 1, _MESSAGE_SET_END - 1)) for one in message.reserved_range
        ]
        self._reserved(ranges, message.reserved_name)
        self._indent = outside

    def _field_run(self, run: "_Fields", first: int, last: int) -> None:
        """Print fields *first* to *last*; a oneof is printed whole where its first member is."""
        index = first
        while index <= last:
            field = run.fields[index]
            if not field.HasField("oneof_index") or field.proto3_optional:
                self._field(field, run.bodies)
            elif field.oneof_index not in run.printed_oneofs:
                run.printed_oneofs.add(field.oneof_index)
                self._oneof(run, field.oneof_index)
            index += 1

    def _oneof(self, run: "_Fields", index: int) -> None:
        declaration = run.oneofs[index]
        self._line(f"oneof {identifier(declaration.name)} {{")
        outside, self._indent = self._indent, self._indent + "  "
        self._option_lines(declaration)
        for field in run.fields:
            if field.HasField("oneof_index") and field.oneof_index == index:
                self._field(field, run.bodies, in_oneof=True)
        self._indent = outside
        self._line("}")

    def _extension_run(self, run: "_Fields", first: int, last: int) -> None:
        outside, extendee = self._indent, ""
        for field in run.fields[first : last + 1]:
            if field.extendee != extendee:
                if extendee:
                    self._indent = outside
                    self._line("}")
                extendee = field.extendee
                self._line(f"extend {valid_full_name(extendee)} {{")
                self._indent = outside + "  "
            self._field(field, run.bodies)
        if extendee:
            self._indent = outside
            self._line("}")

    def _field(
        self, field: FieldDescriptorProto, bodies: dict[str, DescriptorProto], *, in_oneof: bool = False
    ) -> None:
        options = self._bracketed(self._field_options(field))
        body = bodies.get(field.type_name) if field.type_name else None
        if body is not None and body.options.map_entry and field.label == FieldDescriptorProto.LABEL_REPEATED:
            key, value = (self._type(one) for one in body.field)
            self._line(f"map<{key}, {value}> {identifier(field.name)} = {field.number}{options};")
            return
        label = "" if in_oneof else self._label(field)
        if field.type != FieldDescriptorProto.TYPE_GROUP:
            self._line(f"{label}{self._type(field)} {identifier(field.name)} = {field.number}{options};")
            return
        name = field.type_name.rpartition(".")[2]
        self._line(f"{label}group {identifier(name)} = {field.number}{options} {{")
        if body is not None:
            self._message_body(body, field.type_name)
        self._line("}")

    def _type(self, field: FieldDescriptorProto) -> str:
        return _TYPE_WORDS.get(field.type) or valid_full_name(field.type_name)

    def _label(self, field: FieldDescriptorProto) -> str:
        if field.label == FieldDescriptorProto.LABEL_REPEATED:
            return "repeated "
        if field.label == FieldDescriptorProto.LABEL_REQUIRED:
            return "required "
        implied = self._editions or (self._file.syntax == "proto3" and not field.proto3_optional)
        return "" if implied else "optional "

    def _field_options(self, field: FieldDescriptorProto) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        if field.HasField("default_value"):
            found.append(("default", default_literal(field.type, field.default_value)))
        custom = field.json_name and field.json_name != default_json_name(field.name)
        if custom and not field.extendee:
            found.append(("json_name", quoted(field.json_name)))
        return found + self._options(field)

    def _enum(self, enum: EnumDescriptorProto) -> None:
        self._line(f"{_VISIBILITY.get(enum.visibility, '')}enum {identifier(enum.name)} {{")
        outside, self._indent = self._indent, self._indent + "  "
        self._option_lines(enum)
        for value in enum.value:
            self._line(f"{identifier(value.name)} = {value.number}{self._bracketed(self._options(value))};")
        self._reserved([_last(one.start, one.end, (_ENUM_END,)) for one in enum.reserved_range], enum.reserved_name)
        self._indent = outside
        self._line("}")

    def _service(self, service: ServiceDescriptorProto) -> None:
        self._line(f"service {identifier(service.name)} {{")
        outside, self._indent = self._indent, self._indent + "  "
        self._option_lines(service)
        for method in service.method:
            takes = ("stream " if method.client_streaming else "") + valid_full_name(method.input_type)
            gives = ("stream " if method.server_streaming else "") + valid_full_name(method.output_type)
            head = f"rpc {identifier(method.name)}({takes}) returns ({gives})"
            options = self._options(method)
            if not options:
                self._line(head + ";")
                continue
            self._line(head + " {")
            self._lines.extend(f"{self._indent}  option {name} = {value};" for name, value in options)
            self._line("}")
        self._indent = outside
        self._line("}")

    def _reserved(self, ranges: Iterable[str], names: Iterable[str]) -> None:
        for one in ranges:
            self._line(f"reserved {one};")
        for name in names:
            self._line(f"reserved {identifier(name) if self._editions else quoted(name)};")

    def _options(self, element: _HasOptions) -> list[tuple[str, str]]:
        return self._reader.options(element.options) if element.HasField("options") else []

    def _option_lines(self, element: _HasOptions) -> None:
        for name, value in self._options(element):
            self._line(f"option {name} = {value};")

    def _bracketed(self, options: list[tuple[str, str]]) -> str:
        return " [" + ", ".join(f"{name} = {value}" for name, value in options) + "]" if options else ""

    def _line(self, line: str) -> None:
        self._lines.append(self._indent + line)


class _Fields:
    """Fields, or extensions, of one scope: which were printed, and which of them bring a nested message along."""

    def __init__(
        self,
        fields: Sequence[FieldDescriptorProto],
        oneofs: Sequence[OneofDescriptorProto],
        run: Callable[["_Fields", int, int], None],
    ) -> None:
        self.fields = fields
        self.oneofs = oneofs
        self.bodies: dict[str, DescriptorProto] = {}
        self.printed_oneofs: set[int] = set()
        self._run = run
        self._next = 0

    def adopt(self, bodies: dict[str, DescriptorProto]) -> Iterator[tuple[str, int]]:
        """Take note of the nested messages; yield those that a map or a group declares, with the index of its field."""
        self.bodies = bodies
        for index, field in enumerate(self.fields):
            body = bodies.get(field.type_name) if field.type_name else None
            if body is not None and (field.type == FieldDescriptorProto.TYPE_GROUP or body.options.map_entry):
                yield field.type_name, index

    def print_all(self) -> None:
        self.print_to(len(self.fields) - 1)

    def print_to(self, last: int) -> None:
        """Print the fields up to the one at index *last* that were not printed yet."""
        if last >= self._next:
            self._run(self, self._next, last)
            self._next = last + 1


def _last(first: int, last: int, ends: Sequence[int]) -> str:
    if last in ends:
        return f"{first} to max"
    return str(first) if first == last else f"{first} to {last}"
