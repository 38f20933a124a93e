#include "ledger/crypto/crc32c.hpp"
#include "ledger/disk/disk.hpp"
#include "ledger/store/rocks_common.hpp"

#include <algorithm>
#include <bit>
#include <optional>

// RocksDB takes the list of its files, MANIFEST, up to where it ends within a record: a length that
// was damaged would make it forget the files that were listed last. So the list is read here, too:
// blocks of 32 KiB, in them records of a sum, a length, a type and a payload, little-endian.
namespace ledger {
namespace {

constexpr std::size_t list_block_bytes = 32768;
constexpr std::size_t list_record_head_bytes = 7;
constexpr std::size_t list_bytes = std::size_t{1} << 30;

Result<Bytes> read_whole(const std::filesystem::path& path)
{
    PosixDisk disk;
    const auto file = disk.open(path.string(), OpenMode::existing);
    if (!file)
        return Error{ErrorKind::corrupt, path.string() + " is missing: " + file.error().detail};
    const auto size = (*file)->size();
    if (!size) return size.error();
    if (*size > list_bytes) return Error{ErrorKind::corrupt, path.string() + " is too long"};
    return (*file)->read(0, static_cast<std::size_t>(*size));
}

/// RocksDB turns and shifts a sum that it stores.
std::uint32_t masked(std::uint32_t sum)
{
    return std::rotr(sum, 15) + 0xa282ead8U;
}

/// Where the list stops making sense; nothing when it is whole.
std::optional<std::size_t> bad_record(ByteView list)
{
    using boost::endian::load_little_u16;
    using boost::endian::load_little_u32;
    std::size_t at = 0;
    while (at < list.size()) {
        const auto block_left = list_block_bytes - at % list_block_bytes;
        const auto rest = list.subspan(at, std::min(block_left, list.size() - at));
        if (block_left < list_record_head_bytes) {  // filled up with zeros
            if (std::ranges::any_of(rest, [](auto byte) { return byte != 0; })) return at;
            at += rest.size();
            continue;
        }
        if (rest.size() < list_record_head_bytes) return at;
        // Space that was set aside for more of the list.
        const auto is_zero = [](auto byte) { return byte == 0; };
        if (std::ranges::all_of(rest.first(list_record_head_bytes), is_zero)) {
            if (std::ranges::all_of(list.subspan(at), is_zero)) return {};
            return at;
        }
        const std::size_t length = load_little_u16(rest.data() + 4);
        if (length > rest.size() - list_record_head_bytes) return at;
        if (masked(crc32c(rest.subspan(6, 1 + length))) != load_little_u32(rest.data())) return at;
        at += list_record_head_bytes + length;
    }
    return {};
}

Result<void> check_list_of_files(const std::filesystem::path& folder)
{
    const auto current = read_whole(folder / "CURRENT");
    if (!current) return current.error();
    auto name = as_text(*current);
    if (!name.ends_with('\n') || !name.starts_with("MANIFEST-") ||
        name.find('/') != std::string_view::npos)
        return Error{ErrorKind::corrupt, (folder / "CURRENT").string() + " names no list of files"};
    name.remove_suffix(1);
    const auto path = folder / name;
    const auto list = read_whole(path);
    if (!list)
        return Error{list.error().kind,
                     (folder / "CURRENT").string() + " names " + list.error().detail};
    if (const auto at = bad_record(*list))
        return Error{ErrorKind::corrupt,
                     path.string() + " at byte " + std::to_string(*at) + ": bad record"};
    return {};
}

}  // namespace

Result<OpenedRocks> open_rocks_read_only(const std::filesystem::path& folder,
                                         const rocksdb::DBOptions& options,
                                         const std::vector<rocksdb::ColumnFamilyDescriptor>& tables)
{
    const auto path = folder / "db";
    std::error_code unread;
    if (!std::filesystem::exists(path, unread))
        return Error{ErrorKind::corrupt, path.string() + ": the database is missing"};
    if (const auto good = check_list_of_files(path); !good) return good.error();
    OpenedRocks opened;
    rocksdb::DB* db = nullptr;
    const auto status =
        rocksdb::DB::OpenForReadOnly(options, path.string(), tables, &opened.tables, &db);
    if (!status.ok()) {
        const auto error = to_error(status);
        return Error{error.kind, path.string() + ": " + error.detail};
    }
    opened.db.reset(db);
    return opened;
}

}  // namespace ledger
