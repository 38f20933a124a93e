#include "edge/outbox/new_batch_folder.hpp"

#include "edge/outbox/batch_files.hpp"

#include <filesystem>
#include <system_error>

namespace edge {

namespace fs = std::filesystem;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

Result<void> write_new_batch_folder(ledger::Disk& disk, const std::string& folder,
                                    const StoredBatch& batch, const ledger::PublicKey& device)
{
    auto path = fs::path{folder};
    if (!path.has_filename()) path = path.parent_path();
    std::error_code problem;
    if (path.empty()) return ledger::invalid("a folder has a name");
    if (fs::exists(fs::symlink_status(path, problem)))
        return Error{ErrorKind::denied, path.string() + " is there already"};
    const auto parent = path.has_parent_path() ? path.parent_path() : fs::path{"."};
    const auto hidden = (parent / ("." + path.filename().string() + ".part")).string();
    fs::remove_all(hidden, problem);
    auto done = write_batch_files(disk, hidden, batch, device);
    if (done) done = disk.rename(hidden, path.string());
    if (!done) {
        fs::remove_all(hidden, problem);
        return done;
    }
    return disk.sync_folder(parent.string());
}

}  // namespace edge
