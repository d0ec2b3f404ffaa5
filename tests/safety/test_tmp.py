def test_a(world, marked, caplog):
    a=marked.browser("nobody").get("/calendar")
    b=marked.browser("owner").post("/settings/follow-ups",{})
    print(a.status_code,b.status_code)
    for r in caplog.records:
        if r.exc_info:
            import traceback; print("".join(traceback.format_exception(*r.exc_info)[-5:]))
