# Writes the files FILES (a CMake list) into OUTPUT as C++ string constants: the function FUNCTION, declared in HEADER.
set(text "// Generated; do not edit.\n#include \"${HEADER}\"\n\nnamespace tally {\n\nconst std::vector<std::pair<std::string_view, std::string_view>>& ${FUNCTION}() {\n    static const std::vector<std::pair<std::string_view, std::string_view>> files{\n")
foreach(file ${FILES})
    get_filename_component(name "${file}" NAME)
    file(READ "${file}" content)
    string(APPEND text "        {\"${name}\", R\"tally(${content})tally\"},\n")
endforeach()
string(APPEND text "    };\n    return files;\n}\n\n} // namespace tally\n")
file(WRITE "${OUTPUT}" "${text}")
