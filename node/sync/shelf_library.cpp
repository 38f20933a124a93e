#include "node/sync/shelf_library.hpp"

#include <algorithm>

namespace node {

using namespace ledger;

Result<void> ShelfLibrary::refresh()
{
    const auto heights = shelf_.list();
    if (!heights) return heights.error();
    books_.clear();
    for (const auto height : *heights) {
        const auto manifest = shelf_.at(height).manifest();
        if (!manifest) continue;
        books_[snapshot_id(manifest->content)] = {height, manifest->content.ends.size()};
    }
    return {};
}

std::vector<SnapshotOffer> ShelfLibrary::offers() const
{
    std::vector<SnapshotOffer> offers;
    for (const auto& [id, book] : books_) offers.push_back({id, book.height});
    std::ranges::sort(offers, std::greater{}, &SnapshotOffer::height);
    return offers;
}

Result<SnapshotManifest> ShelfLibrary::manifest(const Hash& id) const
{
    const auto book = books_.find(id);
    if (book == books_.end()) return Error{ErrorKind::not_found, "no such snapshot"};
    return shelf_.at(book->second.height).manifest();
}

Result<Bytes> ShelfLibrary::chunk(const Hash& id, std::size_t index) const
{
    const auto book = books_.find(id);
    if (book == books_.end() || index >= book->second.chunks)
        return Error{ErrorKind::not_found, "no such chunk"};
    return shelf_.at(book->second.height).chunk(index);
}

}  // namespace node
