#include "samples/file_kind.hpp"

#include "samples/array_file.hpp"
#include "samples/picture.hpp"
#include "samples/wav.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace samples {
namespace {

using ledger::Error;
using ledger::ErrorKind;
using ledger::invalid;
using ledger::Result;

constexpr std::array<std::pair<std::string_view, FileKind>, 5> kinds{{
    {"pictures", FileKind::pictures},
    {"wav", FileKind::recordings},
    {"csv", FileKind::table},
    {"idx", FileKind::idx},
    {"npy", FileKind::npy},
}};

bool looks_like_idx_name(std::string_view name)
{
    return has_ending(name, "-ubyte") || has_ending(name, ".idx") ||
           name.substr(name.rfind('/') + 1).find("idx1-") != std::string_view::npos ||
           name.substr(name.rfind('/') + 1).find("idx3-") != std::string_view::npos;
}

Result<FileKind> kind_of_bytes(const Items& items)
{
    ledger::Bytes begin;
    const auto read = items.pieces(0, [&](ledger::ByteView piece) -> Result<void> {
        ledger::append(begin, piece.first(std::min<std::size_t>(piece.size(), 64)));
        return Error{ErrorKind::full, "enough"};
    });
    if (!read && read.error().kind != ErrorKind::full) return read.error();
    if (looks_like_npy(begin)) return FileKind::npy;
    if (looks_like_idx(begin)) return FileKind::idx;
    if (looks_like_wav(begin)) return FileKind::recordings;
    if (looks_like_png(begin) || looks_like_jpeg(begin)) return FileKind::pictures;
    return invalid(items.name(0) + " is no IDX, npy, WAV, PNG, JPEG or .csv file");
}

}  // namespace

std::optional<FileKind> file_kind_named(std::string_view name)
{
    for (const auto& [known, kind] : kinds)
        if (known == name) return kind;
    return {};
}

FileKind kind_by_name(std::string_view name)
{
    for (const auto ending : {".png", ".jpg", ".jpeg"})
        if (has_ending(name, ending)) return FileKind::pictures;
    if (has_ending(name, ".wav")) return FileKind::recordings;
    if (has_ending(name, ".csv")) return FileKind::table;
    if (has_ending(name, ".npy")) return FileKind::npy;
    return looks_like_idx_name(name) ? FileKind::idx : FileKind::tell;
}

Result<FileKind> kind_of(const Items& items)
{
    if (items.size() == 0) return invalid("there are no files");
    std::set<FileKind> found;
    for (std::size_t i = 0; i < items.size(); ++i) found.insert(kind_by_name(items.name(i)));
    found.erase(FileKind::tell);
    // A table beside other files says what these are to be answered with.
    if (found.size() > 1) found.erase(FileKind::table);
    if (found.size() == 1) return *found.begin();
    if (found.empty() && items.size() == 1) return kind_of_bytes(items);
    if (found.empty()) return invalid("no file is IDX, npy, WAV, PNG, JPEG or CSV by its name");
    return invalid("there are files of several kinds: say which");
}

bool has_ending(std::string_view name, std::string_view ending)
{
    return name.size() >= ending.size() &&
           std::ranges::equal(name.substr(name.size() - ending.size()), ending,
                              [](unsigned char letter, unsigned char wanted) {
                                  return std::tolower(letter) == wanted;
                              });
}

}  // namespace samples
