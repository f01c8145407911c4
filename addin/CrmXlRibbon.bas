Attribute VB_Name = "CrmXlRibbon"
Option Explicit
Option Private Module
' The callbacks of customUI14.xml. Each button's id is the key of its texts; its tag is the action it runs.

Private mRibbon As IRibbonUI

Public Sub CrmOnLoad(ribbon As IRibbonUI)
    Set mRibbon = ribbon
End Sub

Public Sub CrmGetLabel(control As IRibbonControl, ByRef returnedVal)
    returnedVal = CrmText(control.ID & ".label")
End Sub

Public Sub CrmGetScreentip(control As IRibbonControl, ByRef returnedVal)
    returnedVal = CrmText(control.ID & ".label")
End Sub

Public Sub CrmGetSupertip(control As IRibbonControl, ByRef returnedVal)
    returnedVal = CrmText(control.ID & ".tip")
End Sub

Public Sub CrmGetVisible(control As IRibbonControl, ByRef returnedVal)
    returnedVal = CrmShowsTab()
End Sub

Public Sub CrmOnAction(control As IRibbonControl)
    CrmRun control.Tag
End Sub

Public Sub CrmOnRestart(control As IRibbonControl)
    CrmRestart
    CrmTell "restarted"
End Sub

Public Sub CrmOnAbout(control As IRibbonControl)
    Dim told As String
    told = CrmText("about")
    If CrmLastError() <> "" Then told = told & vbCrLf & vbCrLf & CrmText("last_error") & vbCrLf & Left$(CrmLastError(), 900)
    MsgBox told, vbInformation, CrmText("title")
End Sub
