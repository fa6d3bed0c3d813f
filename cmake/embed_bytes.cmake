# Writes the file FILE into OUTPUT as a C++ array of bytes: the function FUNCTION, declared in HEADER.
file(READ "${FILE}" digits HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${digits}")
string(REGEX REPLACE "((0x..,){32})" "\\1\n        " bytes "${bytes}")
file(WRITE "${OUTPUT}" "// Generated; do not edit.\n#include \"${HEADER}\"\n\nnamespace tally {\n\nByteView ${FUNCTION}() {\n    static constexpr std::uint8_t bytes[] = {\n        ${bytes}};\n    return bytes;\n}\n\n} // namespace tally\n")
