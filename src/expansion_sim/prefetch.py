"""Ask for memory before it is needed, so that a walk over many long records does not wait for each of them."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

LINE = 64  # bytes that come from memory together
_TO_WRITE, _NEAREST, _DATA = 1, 3, 1


@intrinsic
def fetch(_context: Any, address: Any) -> Any:
    """Bring the line at an address near, to be written to; an address that is nobody's does no harm."""
    word = ir.IntType(32)

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = builder.inttoptr(args[0], ir.IntType(8).as_pointer())
        form = ir.FunctionType(ir.VoidType(), [place.type, word, word, word])
        call = builder.module.declare_intrinsic("llvm.prefetch", (place.type,), form)
        builder.call(call, [place, word(_TO_WRITE), word(_NEAREST), word(_DATA)])
        return context.get_dummy_value()

    return types.void(types.uint64), code
