#include "node/app/model_files.hpp"

#include "ledger/codec/json.hpp"

#include <algorithm>

namespace node {
namespace {

using namespace ledger;
namespace fs = std::filesystem;

/// Entries of one folder that are looked at.
constexpr std::size_t folder_entries = 10'000;

Error bad_files(const ModelConfig& model, const std::string& what)
{
    return {ErrorKind::invalid, "model " + model.name + ": " + what};
}

std::optional<market::Version> version_number(std::string_view text)
{
    const auto number = codec::parse_decimal(text);
    if (!number || *number == 0 || *number > 0xffffffff) return {};
    return market::Version{static_cast<std::uint32_t>(*number)};
}

/// VERSION.onnx and VERSION/model.onnx; what has another name is somebody else's.
Result<std::vector<VersionFile>> in_folder(const ModelConfig& config, const fs::path& folder)
{
    std::vector<VersionFile> found;
    std::size_t seen = 0;
    std::error_code failed;
    for (fs::directory_iterator at{folder, failed}, end; !failed && at != end;
         at.increment(failed)) {
        if (++seen > folder_entries)
            return bad_files(config, folder.string() + " has too many entries");
        const auto& path = at->path();
        std::error_code ignored;
        const bool is_folder = at->is_directory(ignored);
        if (!is_folder && path.extension() != ".onnx") continue;
        const auto ver = version_number(path.stem().string());
        if (!ver || (is_folder && path.has_extension())) continue;
        found.push_back({*ver, is_folder ? path / "model.onnx" : path});
    }
    if (failed)
        return bad_files(config, "cannot list " + folder.string() + ": " + failed.message());
    if (found.empty())
        return bad_files(config, folder.string() + " has no VERSION.onnx or VERSION/model.onnx");
    return found;
}

Result<std::vector<VersionFile>> named(const fs::path& home, const ModelConfig& config,
                                       const std::string& text)
{
    const auto place = [&](const fs::path& path) {
        return path.is_absolute() ? path : home / path;
    };
    const auto equals = text.find('=');
    if (equals == std::string::npos) {
        std::error_code ignored;
        if (fs::is_directory(place(text), ignored)) return in_folder(config, place(text));
        return std::vector<VersionFile>{{market::Version{1}, place(text)}};
    }
    const auto ver = version_number(text.substr(0, equals));
    if (!ver) return bad_files(config, "files are VERSION=PATH with a version from 1");
    return std::vector<VersionFile>{{*ver, place(text.substr(equals + 1))}};
}

}  // namespace

Result<std::vector<VersionFile>> version_files(const fs::path& home, const ModelConfig& config)
{
    std::vector<VersionFile> files;
    for (const auto& text : config.files) {
        const auto some = named(home, config, text);
        if (!some) return some.error();
        files.insert(files.end(), some->begin(), some->end());
    }
    std::sort(files.begin(), files.end(),
              [](const auto& a, const auto& b) { return a.ver < b.ver; });
    const auto twice = std::adjacent_find(
        files.begin(), files.end(), [](const auto& a, const auto& b) { return a.ver == b.ver; });
    if (twice != files.end())
        return bad_files(config, "version " + std::to_string(twice->ver.value) + " stands twice");
    const auto& only = config.versions.only;
    for (const auto ver : only)
        if (std::none_of(files.begin(), files.end(),
                         [&](const auto& file) { return file.ver.value == ver; }))
            return bad_files(config, "version " + std::to_string(ver) + " has no file");
    if (!only.empty())
        std::erase_if(files, [&](const auto& file) {
            return std::find(only.begin(), only.end(), file.ver.value) == only.end();
        });
    const auto latest = config.versions.latest;
    if (latest != 0 && files.size() > latest)
        files.erase(files.begin(), files.end() - static_cast<std::ptrdiff_t>(latest));
    return files;
}

}  // namespace node
