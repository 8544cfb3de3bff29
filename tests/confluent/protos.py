"""Message classes made without a code generator: what `ProtobufSerializer` takes."""

from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.text_format import Parse

_MONEY = """
name: "shop/money.proto" package: "shop" syntax: "proto3"
message_type {
  name: "Money"
  field { name: "cents" number: 1 label: LABEL_OPTIONAL type: TYPE_INT64 json_name: "cents" }
}
"""
_PAYMENT = """
name: "shop/payment.proto" package: "shop" syntax: "proto3" dependency: "shop/money.proto"
message_type { name: "Refund" field { name: "id" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING json_name: "id" } }
message_type {
  name: "Payment"
  field { name: "id" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING json_name: "id" }
  field { name: "total" number: 2 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".shop.Money" json_name: "total" }
  %s
}
"""
_NOTE = 'field { name: "note" number: 3 label: LABEL_OPTIONAL type: TYPE_STRING json_name: "note" }'


def payment_class(*, note: bool = False) -> Any:
    """The class of a message that is the second of its file and uses one of another file."""
    pool = DescriptorPool()
    for text in (_MONEY, _PAYMENT % (_NOTE if note else "")):
        pool.Add(Parse(text, FileDescriptorProto()))  # type: ignore[no-untyped-call]
    return GetMessageClass(pool.FindMessageTypeByName("shop.Payment"))  # type: ignore[no-untyped-call]
