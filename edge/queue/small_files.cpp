#include "edge/queue/small_files.hpp"

namespace edge {

using ledger::Bytes;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

Result<void> write_small_file(ledger::Disk& disk, const std::string& folder,
                              const std::string& name, RecordType type, ledger::ByteView body)
{
    const auto path = folder + "/" + name;
    const auto file = disk.open(path + ".new", ledger::OpenMode::fresh);
    if (!file) return file.error();
    if (const auto done = (*file)->write(0, encode_record(0, type, 0, body)); !done) return done;
    if (const auto done = (*file)->sync(); !done) return done;
    if (const auto done = disk.rename(path + ".new", path); !done) return done;
    return disk.sync_folder(folder);
}

Result<std::optional<Bytes>> read_small_file(ledger::Disk& disk, const std::string& folder,
                                             const std::string& name, RecordType type)
{
    const auto path = folder + "/" + name;
    const auto file = disk.open(path, ledger::OpenMode::existing);
    if (!file && file.error().kind == ErrorKind::not_found) return std::optional<Bytes>{};
    if (!file) return file.error();
    auto records = RecordScan::of(**file, 0);
    if (!records) return records.error();
    const auto found = records->next();
    if (!found) return found.error();
    if (*found != RecordScan::Found::record || records->place().type != type)
        return Error{ErrorKind::corrupt, path + " is damaged"};
    auto body = (*file)->read(records->place().body(), records->place().length);
    if (!body) return body.error();
    return std::optional<Bytes>{std::move(*body)};
}

}  // namespace edge
