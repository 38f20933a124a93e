#pragma once

#include "ledger/store/block_store.hpp"
#include "tests/support/store_blocks.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>

namespace ledger {

/// One contract, every implementation: what holds for memory must hold for RocksDB.
struct Implementation {
    const char* name;
    std::function<std::unique_ptr<BlockStore>(const std::filesystem::path&, const StoreOptions&)>
        open;
    bool survives_restart;
};

inline void PrintTo(const Implementation& which, std::ostream* out)
{
    *out << which.name;
}

struct BlockStoreTest : testing::TestWithParam<Implementation> {
    TemporaryFolder folder{TemporaryFolder::Place::memory};
    StoreOptions options{.keep_versions = 3, .cache_bytes = 1 << 20, .write_buffer_bytes = 1 << 20};
    std::unique_ptr<BlockStore> store = GetParam().open(folder.path(), options);

    void add(std::uint64_t height, StateDiff state = {})
    {
        ASSERT_TRUE(store->append(numbered_block(height, std::move(state))));
    }

    void add_through(std::uint64_t height)
    {
        for (auto next = store->tip() ? store->tip()->value + 1 : 0; next <= height; ++next) {
            add(next);
        }
    }

    void reopen()
    {
        store.reset();
        store = GetParam().open(folder.path(), options);
    }

    std::optional<Bytes> at(std::string_view key, std::uint64_t height)
    {
        const auto found = store->state_at(as_bytes(key), {height});
        EXPECT_TRUE(found) << found.error().detail;
        return found ? *found : std::nullopt;
    }

    static std::string listing(const StateView& view, std::string_view prefix,
                               std::string_view start)
    {
        std::string seen;
        view.scan_from(as_bytes(prefix), as_bytes(start), [&](ByteView key, ByteView value) {
            seen += std::string{as_text(key)} + "=" + std::string{as_text(value)} + " ";
            return true;
        });
        return seen;
    }
};

inline std::unique_ptr<BlockStore> open_memory(const std::filesystem::path&,
                                               const StoreOptions& options)
{
    return make_memory_store(options);
}

inline std::unique_ptr<BlockStore> open_rocks_at(const std::filesystem::path& folder,
                                                 const StoreOptions& options)
{
    auto opened = open_rocks_store(folder, options);
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? std::move(*opened) : nullptr;
}

inline const auto every_store = testing::Values(Implementation{"Memory", open_memory, false},
                                                Implementation{"Rocks", open_rocks_at, true});

}  // namespace ledger
