#pragma once

#include "ledger/store/block_store.hpp"
#include "ledger/store/rocks_common.hpp"

#include <rocksdb/compaction_filter.h>

#include <atomic>
#include <span>
#include <string>
#include <vector>

/// The tables of the store and what is in them. Heights are big-endian, so that blocks lie on
/// disk in order; `~height` is the complement, so that newer comes first.
namespace ledger {

enum class Table {
    meta,       ///< "tip", "checkpoint", "floor", "base", and '/' name -> what put_meta was given
    headers,    ///< height -> id, header; 'm', u8 level, u64 index -> node of the history tree
    bodies,     ///< height -> u32 length of body, body, receipts
    fin,        ///< height -> certificate
    tx_index,   ///< 't' TxId -> height, u64 index; 'b' BlockId -> height
    state,      ///< key -> value at the tip
    hist,       ///< u16 length of key, key, ~height -> value before: 0, or 1 and the value
    jmt,        ///< node key -> tree node
    jmt_stale,  ///< version, u64 index -> u8 length, node key, ...: not needed from then on
};

inline constexpr std::string_view meta_tip = "tip";                // height, applied_seq
inline constexpr std::string_view meta_checkpoint = "checkpoint";  // height, root, applied_seq
inline constexpr std::string_view meta_floor = "floor";            // height
inline constexpr std::string_view meta_base = "base";              // height; absent: 0
inline const std::string meta_named = "/";
inline constexpr char index_transaction = 't';
inline constexpr char index_block = 'b';

/// Lets compactions drop the history of blocks up to `floor`.
class HistoryFilter final : public rocksdb::CompactionFilter {
public:
    std::atomic<std::uint64_t> floor = 0;
    const char* Name() const override { return "millrace.history"; }
    bool IgnoreSnapshots() const override { return true; }
    Decision FilterV2(int, const rocksdb::Slice& key, ValueType, const rocksdb::Slice&,
                      std::string*, std::string*) const override;
};

/// Lets compactions drop what the index says of blocks below `base`, but for block 0.
class IndexFilter final : public rocksdb::CompactionFilter {
public:
    std::atomic<std::uint64_t> base = 0;
    const char* Name() const override { return "millrace.index"; }
    bool IgnoreSnapshots() const override { return true; }
    Decision FilterV2(int, const rocksdb::Slice&, ValueType, const rocksdb::Slice& value,
                      std::string*, std::string*) const override;
};

rocksdb::DBOptions store_db_options();
/// In the order of Table. The filters must outlive the database.
std::vector<rocksdb::ColumnFamilyDescriptor> store_tables(const StoreOptions& options,
                                                          const HistoryFilter& history_filter,
                                                          const IndexFilter& index_filter);

/// Keys of stale tree nodes, many to a row: a row of its own for each would cost as much as the
/// node that takes its place.
inline constexpr std::size_t stale_in_a_row = 1024;
std::string encode_stale(std::span<const Bytes> node_keys);
/// `corrupt` when the bytes are no such row.
Result<std::vector<ByteView>> decode_stale(ByteView row);

std::string index_key(char kind, ByteView id);
/// Ten bytes, where a height has eight.
std::string history_node_key(std::uint8_t level, std::uint64_t index);
/// The length first: otherwise the histories of "a" and "a\xff" would lie among each other.
std::string history_key(ByteView key, std::uint64_t height);
std::string encode_header(const StoredBlock& block);
std::string encode_body(const StoredBlock& block);
Result<StoredBlock> decode_block(Height height, ByteView header, ByteView body, Bytes certificate);

}  // namespace ledger
