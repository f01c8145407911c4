"""Six accessors of complex numbers that Wine's ucrtbase.dll has as stubs only, and numpy calls at import.

Each stub's body is overwritten in memory (x64: a float complex by value in RCX, the others by pointer, the
answer in XMM0). On Windows itself nothing is done.
"""

import ctypes

STUB = bytes.fromhex("4883ec28488d0d")
BODIES = {
    b"crealf": "660f6ec1c3",  # movd xmm0, ecx; ret
    b"cimagf": "48c1e920660f6ec1c3",  # shr rcx, 32; movd xmm0, ecx; ret
    b"creal": "f20f1001c3",  # movsd xmm0, [rcx]; ret
    b"creall": "f20f1001c3",
    b"cimag": "f20f104108c3",  # movsd xmm0, [rcx + 8]; ret
    b"cimagl": "f20f104108c3",
}
WRITABLE = 0x40


def patch():
    if not hasattr(ctypes.WinDLL("ntdll"), "wine_get_version"):
        return
    kernel = ctypes.WinDLL("kernel32")
    kernel.GetModuleHandleW.restype = ctypes.c_void_p
    kernel.GetProcAddress.restype = ctypes.c_void_p
    kernel.GetProcAddress.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    kernel.VirtualProtect.argtypes = [
        ctypes.c_void_p, ctypes.c_size_t, ctypes.c_ulong, ctypes.POINTER(ctypes.c_ulong),
    ]  # fmt: skip
    library = kernel.GetModuleHandleW("ucrtbase.dll")
    for name, code in BODIES.items():
        address = kernel.GetProcAddress(library, name)
        if not address or ctypes.string_at(address, len(STUB)) != STUB:
            continue
        body, old = bytes.fromhex(code), ctypes.c_ulong()
        if kernel.VirtualProtect(address, len(body), WRITABLE, ctypes.byref(old)):
            ctypes.memmove(address, body, len(body))
            kernel.VirtualProtect(address, len(body), old.value, ctypes.byref(old))


patch()
