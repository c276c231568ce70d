// Tells what came of a job: the JSON document of `heddle run`, or a table for a person, and the exit code.
#pragma once

#include "context.h"
#include "job.h"

namespace heddle::tool {

/// Fills the document, prints, writes failures and disagreements to standard error, sets the exit code.
void report(Context& context, const Job& job, const JobResult& result);

}  // namespace heddle::tool
