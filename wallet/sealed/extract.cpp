#include "wallet/sealed/extract.hpp"

#include "wallet/keys/new_file.hpp"
#include "wallet/sealed/find_items.hpp"
#include "wallet/sealed/new_folder.hpp"
#include "wallet/sealed/read_items.hpp"

#include <optional>
#include <system_error>

namespace wallet {
namespace {

namespace fs = std::filesystem;
using ledger::Bytes;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;
using ledger::sealing::ItemReader;

/// Writes items as they come. The folder is new and ours, and only what we make is in it: a name
/// that was checked cannot lead out of it.
class ItemFiles {
public:
    explicit ItemFiles(fs::path folder) : folder_{std::move(folder)} {}

    ItemReader::Handler handler()
    {
        return {[this](const std::string& name, std::uint64_t) { return begin(name); },
                [this](ledger::ByteView data) {
                    bytes_ += data.size();
                    return file_->write(data);
                },
                [this] { return end(); }};
    }
    Extracted extracted() const { return {items_, bytes_}; }

private:
    Result<void> begin(const std::string& name)
    {
        if (++items_ > most_items)
            return Error{ErrorKind::full, "more than " + std::to_string(most_items) + " files"};
        const auto path = folder_ / name;
        std::error_code problem;
        fs::create_directories(path.parent_path(), problem);
        if (problem) return Error{ErrorKind::invalid, name + ": " + problem.message()};
        auto file = NewFile::create(path);
        if (!file) return file.error();
        file_.emplace(std::move(*file));
        return {};
    }
    Result<void> end()
    {
        const auto done = file_->commit_unsynced();
        file_.reset();
        return done;
    }

    fs::path folder_;
    std::optional<NewFile> file_;
    std::uint64_t items_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace

Result<Extracted> extract(BatchFolder& batch, const ledger::SecretKey& key, const fs::path& folder,
                          const std::function<void(std::uint64_t)>& progress)
{
    auto fresh = NewFolder::create(folder);
    if (!fresh) return fresh.error();
    ItemFiles files{fresh->path()};
    if (const auto done = read_items(batch, key, files.handler(), progress); !done)
        return done.error();
    if (const auto named = fresh->commit(); !named) return named.error();
    return files.extracted();
}

}  // namespace wallet
