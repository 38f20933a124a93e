#pragma once

#include "samples/file_kind.hpp"
#include "samples/items.hpp"
#include "samples/normalise.hpp"
#include "samples/table.hpp"

/// Files that people have as samples for a model.
namespace samples {

struct OpenOptions {
    /// A file or a folder; not looked at where `items` are given.
    std::filesystem::path path;
    std::shared_ptr<const Items> items;
    FileKind kind = FileKind::tell;  ///< told from the endings, for a single file the first bytes
    /// The file of labels: one of the folder, or one beside it. Left out, it is "labels.csv" for
    /// pictures and recordings; for IDX the file whose name has "labels" where the other has
    /// "images" (and idx1 for idx3); for npy "labels.npy".
    std::string labels;
    bool labels_inside = false;  ///< that file is one of the items, whatever else lies on the disk
    std::string input;       ///< of the model; empty: its only one, or for npy all, each NAME.npy
    TableOptions table;      ///< columns, targets, classes, and how numbers are normalised
    std::uint32_t rate = 0;  ///< of recordings, frames a second; 0: that of the first
    Limits limits;
};

/// Opens what is there, shaped as the model's input asks. `not_found`, `io`, `full`; `invalid` says
/// which file, row or column does not fit, and how.
ledger::Result<std::unique_ptr<Source>> open(const OpenOptions& options,
                                             const inference::ModelIo& io);

/// The file that is looked for beside a single one for its labels: of npy files "labels.npy", of
/// train-images-idx3-ubyte train-labels-idx1-ubyte. Empty where there is none for such a name.
std::string labels_beside(std::string_view file);

}  // namespace samples
